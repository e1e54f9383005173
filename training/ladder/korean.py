"""The Korean words of the report."""

from training.ladder.words import RungWords, Words

_SCORES = {
    "dot": ("dot", "질의와 메모리의 각 위치를 내적합니다."),
    "general": ("general", "질의와 메모리의 각 위치 사이에 행렬이 있습니다."),
    "concat": ("concat", "질의와 위치를 이어 붙여 한 층이 읽습니다."),
    "additive": ("additive", "질의와 위치를 따로 사영해 더한 뒤 한 층이 읽습니다."),
}
_NOT_IN_STEP = "문맥 벡터가 디코더의 스텝에 들어가지 않습니다."
_LUONG = {
    "dot": "점수에 가중치가 없어 양쪽의 폭과 공간이 같아야 합니다.",
    "general": _NOT_IN_STEP,
    "concat": _NOT_IN_STEP,
    "additive": _NOT_IN_STEP,
}

RUNGS = {
    "ngram": RungWords(
        "n-그램",
        "토큰 다섯 개까지의 빈도를 평활화합니다(보간된 수정 Kneser-Ney).",
        "앞의 토큰 네 개만 읽고, 비슷한 단어끼리 아무것도 나누지 않습니다.",
    ),
    "simple-rnn": RungWords(
        "단순 RNN",
        "상태 벡터 하나를 토큰마다 넘깁니다(Elman 1990).",
        "여러 스텝을 지나면 기울기가 사라져, 먼 토큰은 거의 학습되지 않습니다.",
    ),
    "gru": RungWords(
        "GRU",
        "게이트가 상태를 얼마나 바꿀지 정합니다.",
        "읽은 내용이 모두 상태 벡터 하나에 들어가야 하고, 한 스텝씩 읽습니다.",
    ),
    "lstm": RungWords(
        "LSTM",
        "세 게이트 아래에서 셀을 덧셈으로만 바꿉니다.",
        "읽은 내용이 모두 상태 벡터 하나에 들어가야 하고, 한 스텝씩 읽습니다.",
    ),
    "causal-self-attention": RungWords(
        "인과 셀프 어텐션",
        "각 토큰이 자신과 앞의 모든 토큰에 어텐션합니다.",
        "비용이 길이의 제곱으로 늘고, 위치를 따로 알려 주어야 합니다.",
    ),
    "fixed-vector": RungWords(
        "고정 벡터",
        "디코더는 원문에서 인코더의 마지막 상태만 받습니다.",
        "긴 원문도 짧은 원문도 크기가 같은 벡터 하나에 들어갑니다.",
    ),
    **{
        f"luong-{score}": RungWords(
            f"Luong, {name}", f"디코더의 스텝 뒤에 어텐션합니다. {computes}", _LUONG[score]
        )
        for score, (name, computes) in _SCORES.items()
    },
    **{
        f"bahdanau-{score}": RungWords(
            f"Bahdanau, {name}",
            f"디코더의 스텝 앞에 어텐션합니다. {computes}",
            "학습이 번역문을 토큰 하나씩 도는 반복문입니다.",
        )
        for score, (name, computes) in _SCORES.items()
    },
    "self-attention": RungWords(
        "양쪽 셀프 어텐션",
        "인코더와 디코더가 트랜스포머 층이고, 학습에서 모든 위치를 한 번에 계산합니다.",
        "순서와 정렬을 데이터만으로 배우므로 더 많은 행과 스텝이 듭니다.",
    ),
    "last-state": RungWords(
        "마지막 상태",
        "인코더의 마지막 상태로 클래스를 정합니다.",
        "텍스트의 끝에서 먼 단어는 약해져서 상태에 닿습니다.",
    ),
    "attention-pooling": RungWords(
        "어텐션 풀링",
        "모든 위치의 가중 평균으로 클래스를 정하고, 가중치는 학습합니다.",
        "할 수 있는 모든 것을 레이블이 있는 텍스트에서만 배웁니다.",
    ),
    "pretrained": RungWords(
        "사전 학습 모델",
        "위의 언어 모델의 층 위에서 어텐션 풀링을 합니다.",
        "자신의 학습 앞에 언어 모델의 학습이 필요합니다.",
    ),
}

WORDS = Words(
    title="사다리",
    other_language="[English]({link})",
    intro="`make ladder PRESET={preset}`가 쓴 문서입니다. 각 단은 앞 단의 약점을 보완합니다. "
    "모든 수치는 이 실행의 것입니다.",
    facts="날짜 {date}, 시드 {seed}. 기계: CPU 코어 {cores}개, {avx512}.",
    avx512={True: "AVX-512 있음", False: "AVX-512 없음", None: "AVX-512 여부 알 수 없음"},
    data="데이터: {data}.",
    budget="예산, 신경망 하나의 학습 시간(분): {minutes_each}(동시에 {at_once}개, 채점을 포함해 모두 "
    "{minutes:g}분). "
    "가장 좋은 에포크의 가중치를 남깁니다.",
    not_trained="프리셋 `{preset}`에서 뺀 단: {names}.",
    parts={"language-modelling": "언어 모델", "translation": "번역", "classification": "분류"},
    part_intros={
        "language-modelling": "테스트 문장 쌍의 번역 쪽에 대한 바이트당 비트입니다. 적을수록 좋습니다.",
        "translation": "번역한 테스트 원문의 chrF와 BLEU입니다. 높을수록 좋습니다.",
        "classification": "테스트 텍스트에 대한 신경망만의 정확도입니다. 높을수록 좋습니다.",
    },
    rows="학습 {train:,}행, 검증 {valid:,}행, 테스트 {test:,}행.",
    columns=("단", "학습 속도", "파라미터", "학습 시간"),
    rates={
        "language-modelling": "{:,.0f} 토큰/s",
        "translation": "{:,.0f} 번역문 토큰/s",
        "classification": "{:,.0f} 텍스트/s",
    },
    bits_picture="언어 모델마다의 바이트당 비트",
    length_picture="원문 길이에 따른 BLEU",
    length_heading="원문 길이에 따른 BLEU",
    length_intro="고정 벡터, 그리고 어텐션의 종류마다 chrF가 가장 높은 단의 {score}입니다.",
    length_columns=("원문의 단어 수", "문장", "{name}"),
    weakness="약점: {weakness}",
    of_run="이 실행에서: {text}",
    score="{score} {value}({other}: {other_value}), 차이 {difference}. {verdict}",
    score_unknown="{score} {value}({other}: {other_value}).",
    verdicts={
        "better": "{other} 쪽이 좋습니다.",
        "worse": "여기서는 {other} 쪽이 더 나쁩니다.",
        "equal": "구간에 0이 들어 있어, 여기서는 둘을 구별할 수 없습니다.",
    },
    length="{score}: 원문 {short_name}단어에서 {short:.1f}, {long_name}단어에서 {long:.1f} "
    "({other}: {other_short:.1f}, {other_long:.1f}).",
    length_unknown="원문 길이에 따른 BLEU를 계산하기에는 테스트 문장이 적습니다.",
    speed="학습 속도 {rate}, {other}: {other_rate}.",
    seconds="{other}에 {other_seconds:,.0f}초, 그 뒤의 학습에 {seconds:,.0f}초.",
    other_missing="비교할 {other}의 결과가 없습니다.",
    answered="보완하는 단: {other}.",
    last="이 부분의 마지막 단입니다.",
    no_labels="이 데이터에는 레이블이 없어 분류기를 뺐습니다.",
    alignments="좋은 정렬과 나쁜 정렬",
    rule="규칙: 어텐션이 있는 단에서 chrF가 가장 높은 단(여기서는 {rung})을 고르고, "
    "양쪽이 {least}~{most}토큰인 테스트 문장에서 chrF가 가장 높은 문장과 가장 낮은 문장을 고릅니다.",
    good="가장 높은 chrF, {chrf:.1f}",
    bad="가장 낮은 chrF, {chrf:.1f}",
    aligned="원문: {source}\n번역: {translation}\n참조 번역: {reference}",
    picture_note="번역문 토큰(행)마다 원문 토큰에 대한 어텐션",
    read_off="원문 토큰 {source_tokens}개 가운데 {little_read}개는 받은 가중치의 합이 0.5보다 작고, "
    "번역문 토큰 {target_tokens}개 가운데 {same_position}개는 가장 큰 가중치를 같은 원문 토큰에 둡니다.",
    learnt="나쁜 쪽이 보여 주는 것: {text}",
    lessons={
        "stuck": "번역문 토큰의 반이 넘게 한곳에 어텐션하므로, 번역의 대부분이 원문 토큰 하나에서 나옵니다.",
        "unread": "원문 토큰의 3분의 1이 넘게 거의 읽히지 않으므로, 그 내용이 번역에 닿기 어렵습니다.",
        "read": "원문을 거의 다 읽으므로 가중치에는 잘못이 보이지 않습니다. "
        "단어를 잘못 골랐거나 참조 번역의 단어와 다를 수 있습니다.",
    },
    no_alignments="규칙이 고를 수 있는, 어텐션이 있는 테스트 문장이 없습니다.",
    failed="결과가 없는 단",
    failed_row="{name}: {reason}",
    rungs=RUNGS,
)
