from training.inspection.preset_limits import preset_limits, preset_lines
from training.tasks.registry import chapter_of

# Two letters that never occur together are two tokens, so the long text has 2 × 100 tokens or more.
LONG = " ".join(chr(0x4E00 + place) for place in range(100))


def test_long_pairs_are_dropped():
    rows = [("a b", "c"), ("a b", LONG), (LONG, "c"), ("c", "d")]
    found = preset_limits(chapter_of("translation"), rows)
    base = found["presets"]["base"]
    assert (base["limits"], base["effect"], base["share"]) == ({"source": 64, "target": 64}, "dropped", 0.5)
    assert found["sampled_rows"] == 4
    lines = preset_lines(found)
    assert lines[0].startswith("tiny: 50.0% of the rows dropped (limits in tokens: source 32, target 32; ")
    assert lines[0].endswith("; trains on 4,000 rows at most")
    assert lines[1].startswith("quick, base, fixed, ")


def test_long_texts_are_cut():
    found = preset_limits(chapter_of("classification"), [("a", "x"), (f"{LONG} {LONG}", "y")])
    assert found["presets"]["base"]["share"] == 0.5
    assert "50.0% of the rows cut" in preset_lines(found)[1]
