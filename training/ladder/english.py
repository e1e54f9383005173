"""The English words of the report."""

from training.ladder.words import RungWords, Words

_SCORES = {
    "dot": ("dot", "The query is multiplied with each position of the memory."),
    "general": ("general", "A matrix lies between the query and each position of the memory."),
    "concat": ("concat", "A layer reads query and position together."),
    "additive": ("additive", "Query and position are projected apart, added and read by a layer."),
}
_LUONG = {
    "dot": "The score has no weights: both sides must have one width and one space.",
    "general": "The context does not enter the decoder's step.",
    "concat": "The context does not enter the decoder's step.",
    "additive": "The context does not enter the decoder's step.",
}

RUNGS = {
    "ngram": RungWords(
        "n-gram",
        "Counts of up to five tokens, smoothed (interpolated modified Kneser-Ney).",
        "It reads the last four tokens, and shares nothing between similar words.",
    ),
    "simple-rnn": RungWords(
        "simple RNN",
        "One state vector is carried from token to token (Elman 1990).",
        "The gradient vanishes over many steps, so that distant tokens hardly train it.",
    ),
    "gru": RungWords(
        "GRU",
        "Gates decide how much of the state is replaced.",
        "All that was read must fit into one state vector, and is read step by step.",
    ),
    "lstm": RungWords(
        "LSTM",
        "A cell is changed by addition only, under three gates.",
        "All that was read must fit into one state vector, and is read step by step.",
    ),
    "causal-self-attention": RungWords(
        "causal self-attention",
        "Each token attends to itself and all tokens before it.",
        "The cost grows with the square of the length, and positions must be given.",
    ),
    "fixed-vector": RungWords(
        "fixed vector",
        "The encoder's final state is all that the decoder gets of the source.",
        "One vector of fixed size holds long and short sources alike.",
    ),
    **{
        f"luong-{score}": RungWords(
            f"Luong, {name}", f"Attention after the decoder's step. {computes}", _LUONG[score]
        )
        for score, (name, computes) in _SCORES.items()
    },
    **{
        f"bahdanau-{score}": RungWords(
            f"Bahdanau, {name}",
            f"Attention before the decoder's step. {computes}",
            "Training is a loop over the target, token by token.",
        )
        for score, (name, computes) in _SCORES.items()
    },
    "self-attention": RungWords(
        "self-attention on both sides",
        "Encoder and decoder are Transformer layers; all positions are computed at once in training.",
        "It learns order and alignment from data alone, which takes more rows and steps.",
    ),
    "last-state": RungWords(
        "last state",
        "The encoder's final state gives the class.",
        "Words far from the ends of the text reach the state weakened.",
    ),
    "attention-pooling": RungWords(
        "attention pooling",
        "A weighted mean of all positions gives the class; the weights are learnt.",
        "All that it can do is learnt from the labelled texts.",
    ),
    "pretrained": RungWords(
        "pretrained model",
        "Attention pooling on the layers of the language model above.",
        "It needs the training of the language model before its own.",
    ),
}

WORDS = Words(
    title="The ladder",
    other_language="[한국어]({link})",
    intro="Written by `make ladder PRESET={preset}`: each rung answers the weakness of the one before. All "
    "figures are of this run.",
    facts="Date {date}, seed {seed}. Machine: {cores} CPU cores, {avx512}.",
    avx512={True: "with AVX-512", False: "without AVX-512", None: "AVX-512 unknown"},
    data="Data: {data}.",
    budget="Budget in minutes of training per network: {minutes_each} ({at_once} trainings at a time, "
    "{minutes:g} minutes in all with scoring). The weights of the best epoch are kept.",
    not_trained="Rungs that preset `{preset}` leaves out: {names}.",
    parts={
        "language-modelling": "Language models",
        "translation": "Translation",
        "classification": "Classification",
    },
    part_intros={
        "language-modelling": "Bits per byte of the targets of the test pairs; fewer are better.",
        "translation": "chrF and BLEU of the translated test sources; higher is better.",
        "classification": "Accuracy on the test texts, of the network alone; higher is better.",
    },
    rows="{train:,} training rows, {valid:,} validation rows, {test:,} test rows.",
    columns=("rung", "in training", "parameters", "training"),
    rates={
        "language-modelling": "{:,.0f} tokens/s",
        "translation": "{:,.0f} target tokens/s",
        "classification": "{:,.0f} texts/s",
    },
    bits_picture="Bits per byte of each language model",
    length_picture="BLEU by source length",
    length_heading="BLEU by source length",
    length_intro="{score} of the fixed vector, and of the rung with the highest chrF of each kind of "
    "attention.",
    length_columns=("words of the source", "sentences", "{name}"),
    weakness="Weakness: {weakness}",
    of_run="In this run: {text}",
    score="{score} is {value}, and {other_value} with {other}: a difference of {difference}. {verdict}",
    score_unknown="{score} is {value}, and {other_value} with {other}.",
    verdicts={
        "better": "{other} is better.",
        "worse": "{other} is worse here.",
        "equal": "The interval includes 0, so the two cannot be told apart here.",
    },
    length="{score} is {short:.1f} on sources of {short_name} words and {long:.1f} on {long_name}; {other} "
    "has {other_short:.1f} and {other_long:.1f}.",
    length_unknown="There are too few test sentences for BLEU by source length.",
    speed="{rate} in training; {other}: {other_rate}.",
    seconds="{seconds:,.0f} s of training, after {other_seconds:,.0f} s for {other}.",
    other_missing="there is no result of {other} to compare with.",
    answered="Answered by: {other}.",
    last="The last rung of this part.",
    no_labels="These data have no labels, so classifiers are left out.",
    alignments="A good and a bad alignment",
    rule="The rule takes the rung with attention and the highest chrF, here {rung}. Of its test sentences "
    "with {least} to {most} tokens on both sides it takes those with the highest and the lowest chrF.",
    good="Highest chrF, {chrf:.1f}",
    bad="Lowest chrF, {chrf:.1f}",
    aligned="Source: {source}\nTranslation: {translation}\nReference: {reference}",
    picture_note="Attention of each target token (rows) to the source tokens",
    read_off="{little_read} of {source_tokens} source tokens get less than half a token's weight in all; "
    "{same_position} of {target_tokens} target tokens have their largest weight on the same source token.",
    learnt="What the bad one shows: {text}",
    lessons={
        "stuck": "More than half of the target tokens attend to one place, so most of the translation is "
        "made from one token of the source.",
        "unread": "More than a third of the source tokens are hardly read, so they can hardly reach the "
        "translation.",
        "read": "Nearly the whole source is read, so the weights do not show the fault; the words may be "
        "chosen badly, or differ from those of the reference.",
    },
    no_alignments="There is no test sentence with attention that the rule can take.",
    failed="Rungs without a result",
    failed_row="{name}: {reason}",
    rungs=RUNGS,
)
