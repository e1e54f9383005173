"""Labelled texts of the user's own, from a CSV file to both served ports, by `make` alone."""

import csv
import itertools
import json
import random
from pathlib import Path

import grpc
import httpx2
import pytest
from tensorflow_serving.apis import classification_pb2, prediction_service_pb2_grpc

from serving.client import Client, merge_tokens_into_words
from tests.end_to_end.test_reversing_digits import free_ports
from tests.support.make_commands import make, serving

pytestmark = pytest.mark.slow
GOOD, BAD = "긍정 👍", "so so, or bad"
_SUBJECTS = (
    *("이 영화는", "배우의 연기가", "그 노래 🎵", "주인공은", "마지막 장면이", "감독의 새 작품은"),
    *("The film was", "I found the acting", "Her new song is", "That ending felt", "Überall: the café was"),
)
_BETWEEN = ("", "정말", "really", "너무", "just", "somehow", "어쩐지", "quite", "again")
_VERDICTS = (
    *(
        ("좋았다", GOOD),
        ("훌륭하다!", GOOD),
        ("wonderful", GOOD),
        ("great fun", GOOD),
        ("감동적이다 😀", GOOD),
    ),
    *(("별로였다", BAD), ("지루하다", BAD), ("boring", BAD), ("a waste of time", BAD), ("끔찍하다 😡", BAD)),
)


def films():
    """Every subject with every verdict: 990 different texts, of which the verdict decides the label."""
    rows = [
        (" ".join(filter(None, (subject, between, verdict))), label)
        for subject, between, (verdict, label) in itertools.product(_SUBJECTS, _BETWEEN, _VERDICTS)
    ]
    random.Random(1).shuffle(rows)
    return rows


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "document", "label"])
        writer.writerows([number, text, label] for number, (text, label) in enumerate(rows))
    return path


@pytest.fixture(scope="module")
def unseen():
    return films()[800:]


COLUMNS = {"TEXT_COLUMN": "document", "LABEL_COLUMN": "label"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("labelled")


@pytest.fixture(scope="module")
def variables(folder):
    ports = free_ports(2)
    return {
        "TASK": "classification",
        "RUN": str(folder / "run"),
        "MODEL": str(folder / "models" / "classification"),
        "GRPC_PORT": str(ports[0]),
        "REST_PORT": str(ports[1]),
    }


@pytest.fixture(scope="module")
def trained(variables, folder):
    data = write(folder / "films.csv", films()[:800])
    return make("train", {**variables, **COLUMNS, "PRESET": "tiny", "DATA": str(data)})


@pytest.fixture(scope="module")
def ports(trained, variables):
    """The addresses of `make serve`, by wire."""

    def ask(address):
        with Client(address, model="classification") as client:
            assert client.classify([""])[0].label in (GOOD, BAD)

    with serving(variables, ask) as address:
        yield {"grpc": f"127.0.0.1:{variables['GRPC_PORT']}", "rest": address}


def test_train_ends_with_scores_the_version_and_the_next_command(trained, variables):
    lines = trained.splitlines()
    assert any("800 texts kept" in line for line in lines)
    assert any(line.startswith("held-out test  accuracy ") for line in lines)
    assert any(line.startswith("linear train   accuracy ") for line in lines)
    assert str(Path(variables["MODEL"]) / "1") in lines
    assert lines[-1].startswith("next:  make serve TASK='classification'")
    assert "make query TASK='classification'" in lines[-1]
    for name in ("confusion.png", "learning_curve.png", "metrics.json"):
        assert (Path(variables["RUN"]) / name).stat().st_size > 0


def test_evaluate_scores_unseen_rows_beside_the_baseline(trained, variables, unseen, tmp_path):
    data = write(tmp_path / "unseen.csv", unseen)
    scores = json.loads(make("evaluate", {**variables, **COLUMNS, "TEST": str(data)}).splitlines()[-1])
    assert scores["accuracy"] >= 0.9
    assert scores["examples"] == scores["baseline"]["examples"] == len(unseen)
    assert {"macro_f1", "ece", "seconds"} <= set(scores)
    assert scores["baseline"]["name"] == "linear"


@pytest.mark.parametrize("wire", ["grpc", "rest"])
def test_unseen_texts_get_their_labels(wire, ports, unseen):
    texts = [text for text, _ in unseen]
    with Client(ports[wire], model="classification") as client:
        found = list(client.classify_stream(texts))
        rankings = client.probabilities(texts[:20])
    right = sum(answer.label == label for answer, (_, label) in zip(found, unseen, strict=True))
    assert right / len(unseen) >= 0.9
    for answer, ranking in zip(found, rankings, strict=False):
        assert {one.label for one in ranking.classes} == {GOOD, BAD}
        assert ranking.classes[0].label == answer.label
        assert ranking.classes[0].probability == pytest.approx(answer.probability, abs=1e-4)
        assert sum(one.probability for one in ranking.classes) == pytest.approx(1, abs=1e-4)
        assert not ranking.truncated


@pytest.mark.parametrize("wire", ["grpc", "rest"])
def test_tokens_are_the_bytes_at_their_offsets(wire, ports, unseen):
    texts = [*(text for text, _ in unseen[:40]), "각 ☕️ e\u0301 ﬁlm 훌륭하다!", "  wonderful  "]
    with Client(ports[wire], model="classification") as client:
        for text, reasons in zip(texts, client.explain_label(texts), strict=True):
            data = text.encode()
            assert reasons.tokens
            for token in reasons.tokens:
                assert data[token.begin : token.end].decode("utf-8", errors="replace") == token.text
            words = {word.text.strip() for word in merge_tokens_into_words(text, reasons.tokens)}
            assert words <= set(text.split())


def test_the_verdict_is_what_decided(ports, unseen):
    texts = [text for text, _ in unseen if text.endswith(("boring", "wonderful", "좋았다", "지루하다"))]
    decided = 0
    with Client(ports["grpc"], model="classification") as client:
        for text, reasons in zip(texts, client.explain_label(texts), strict=True):
            strongest = max(merge_tokens_into_words(text, reasons.tokens), key=lambda word: word.weight)
            decided += strongest.text.strip() == text.split()[-1]
    assert decided / len(texts) >= 0.9


def test_query_asks_both_ports_and_prints_label_and_probability(ports, variables):
    label, probability = (
        make("query", {**variables, "TEXT": "이 영화는 훌륭하다!"}).splitlines()[-1].split("\t")
    )
    assert label == GOOD
    assert 0.5 <= float(probability) <= 1


def test_classify_over_rest(ports, unseen):
    texts = [text for text, _ in unseen[:8]]
    body = {"signature_name": "classify", "examples": [{"text": text} for text in texts]}
    reply = httpx2.post(f"{ports['rest']}/v1/models/classification:classify", json=body, timeout=60)
    assert reply.status_code == 200, reply.text
    check(reply.json()["results"], texts, ports["rest"])


def test_classify_with_the_stock_stubs(ports, unseen):
    texts = [text for text, _ in unseen[:8]]
    request = classification_pb2.ClassificationRequest()
    request.model_spec.name = "classification"
    request.model_spec.signature_name = "classify"
    for text in texts:
        example = request.input.example_list.examples.add()
        example.features.feature["text"].bytes_list.value.append(text.encode())
    with grpc.insecure_channel(ports["grpc"]) as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        reply = stub.Classify(request, timeout=60)
    rows = [[(one.label, one.score) for one in row.classes] for row in reply.result.classifications]
    check(rows, texts, ports["grpc"])


def check(rows, texts, address):
    """All classes of each text in one order, the best with the probability of the other signatures."""
    with Client(address, model="classification") as client:
        answers = client.classify(texts)
    for row, answer in zip(rows, answers, strict=True):
        assert [label for label, _ in row] == sorted((GOOD, BAD))
        label, score = max(row, key=lambda one: one[1])
        assert label == answer.label
        assert score == pytest.approx(answer.probability, abs=1e-4)
