from training.tasks.translation.translation_store import TranslationStore


def test_translations_survive_the_process_that_made_them(tmp_path):
    path = tmp_path / "new" / "store.jsonl"
    store = TranslationStore(path)
    assert "a\tb\nc" not in store
    store.add(["a\tb\nc", "\ud800 👍"], ["가\u2028나", None])
    store.add(["d"], ["라"])
    again = TranslationStore(path)
    assert [again[source] for source in ("a\tb\nc", "\ud800 👍", "d")] == ["가\u2028나", None, "라"]


def test_a_line_that_an_interrupt_left_incomplete_costs_one_translation(tmp_path):
    path = tmp_path / "store.jsonl"
    TranslationStore(path).add(["a", "b"], ["가", "나"])
    path.write_bytes(path.read_bytes()[:-4])
    cut = TranslationStore(path)
    assert "a" in cut
    assert "b" not in cut
    cut.add(["b", "c"], ["나", "다"])
    assert [TranslationStore(path)[source] for source in "abc"] == ["가", "나", "다"]
