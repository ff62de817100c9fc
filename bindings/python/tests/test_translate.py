import inspect
import json
import os
import pickle
import signal
import sys
import threading

import numpy as np
import pytest

import heed
import heed.options
from conftest import sentences


def test_a_text_gives_one_and_a_list_a_list(translator):
    one = translator.translate("a b c")
    assert isinstance(one, heed.Translation) and str(one) == one.text and "Translation(" in repr(one)
    several = translator.translate(("a b c", "d"))
    assert [type(each) for each in several] == [heed.Translation] * 2 and several[0].text == one.text
    assert [len(each) for each in translator.translate(["a b c", "d"], nbest=3)] == [3, 3]
    assert len(translator.translate("a b c", nbest=2)) == 2
    assert translator.translate([]) == []
    assert translator.translate(each for each in ["a"])[0].source == "a"


def test_answers_are_those_of_the_program(translator, binary, toy):
    texts = sentences(20, 5) + ["", "a unknown b"]
    command = ["translate", "--model", toy, "--nbest", "2", "--format", "jsonl", "--attention", "--token-scores"]
    lines = binary(*command, text="".join(text + "\n" for text in texts)).splitlines()
    for line, answers in zip(lines, translator.translate(texts, nbest=2, attention=True, token_scores=True), strict=True):
        said = json.loads(line)
        assert json.loads(answers[0].to_json()) == said
        for answer, expected in zip(answers, said["translations"], strict=True):
            assert (answer.text, answer.tokens, answer.score) == (expected["text"], expected["tokens"], expected["score"])
            assert [None if each is None else list(each) for each in answer.ranges] == expected["ranges"]
            assert answer.source_tokens == said["source_tokens"]
            assert (answer.log_probabilities or []) == expected["token_log_probabilities"]
            if answer.tokens:
                np.testing.assert_allclose(answer.attention, expected["attention"], atol=1e-8)
    assert translator.translate("a unknown b").unknown_tokens == 1


def test_attention_is_a_view_that_lives(translator):
    answer = translator.translate("a b c d", attention=True)
    attention = answer.attention
    assert attention.dtype == np.float32 and attention.shape == (len(answer.tokens), len(answer.source_tokens))
    np.testing.assert_allclose(attention.sum(axis=1), 1, atol=1e-5)
    assert np.shares_memory(attention, answer.attention) and not attention.flags.owndata
    with pytest.raises(ValueError, match="read-only"):
        attention[0, 0] = 1
    copy = attention.copy()
    del answer
    np.testing.assert_array_equal(attention, copy)
    assert translator.translate("a b").attention is None


def test_heads_have_arrays(back):
    answer = heed.Translator(back).translate("A B C", attention=True)
    (heads,) = answer.attention_layers
    assert len(heads) == 2 and len(answer.attention_names) == 1
    np.testing.assert_allclose((heads[0] + heads[1]) / 2, answer.attention, atol=1e-6)


def test_every_option_arrives_under_its_name(translator):
    asked = {}

    class Spy:
        attends = True

        def translate(self, texts, options, more):
            asked.update(zip(heed._heed.option_names(), options, strict=True), **more)
            return [[None]]

    spied = object.__new__(heed.Translator)
    spied._translator, spied._threads, spied._bundles = Spy(), "threads", []
    options = inspect.signature(heed.Translator.translate).parameters
    drawn = ["temperature", "top_k", "top_p", "min_p", "seed"]
    other = {"self", "sentences", "nbest", "sample", "prefix", "must", "must_not", "allowed", "features"}
    marks = {name: name for name in options if name not in other}
    spied.translate("a", sample=True, **marks)
    assert asked.pop("sample") == tuple(drawn) and asked.pop("nbest") == 1
    assert asked == {name: name for name in ["threads", *marks] if name not in drawn}
    for name, option in options.items():
        if name not in other:
            translator.translate("a", **{name: option.default})


def test_types_of_options_are_those_of_the_calls():
    own = {"translate": {"sentences", "nbest"}, "score": {"sources", "targets"}, "align": {"sources", "targets"}}
    for call, arguments in own.items():
        typed = getattr(heed.options, f"{call.capitalize()}Options").__annotations__
        assert set(typed) == set(inspect.signature(getattr(heed.Translator, call)).parameters) - arguments - {"self"}


def test_options_have_an_effect(translator):
    text = "a b c d e"
    assert translator.translate(text, max_output=2).cut
    assert len(translator.translate("a", min_output=5, max_output=9).tokens) >= 5
    assert len(translator.translate("a b", max_output="x1").tokens) <= 3
    assert translator.translate(text, normalize="none").score == translator.translate(text, normalize="none").log_probability
    assert translator.translate(text, max_length=2).source_tokens_cut == 3
    assert "trace" in json.loads(translator.translate(text, trace=True).to_json())
    drawn = [translator.translate(text, sample=True, temperature=3, nbest=4, seed=seed) for seed in (1, 1, 2)]
    assert [str(each) for each in drawn[0]] == [str(each) for each in drawn[1]] != [str(each) for each in drawn[2]]


def test_what_is_drawn_depends_on_the_place_alone(toy):
    texts = sentences(40, 6)
    one = heed.Translator(toy, threads=1).translate(texts, sample=True, batch=1)  # in several blocks
    other = heed.Translator(toy, threads=2).translate(texts, sample=True, batch=32)
    assert [each.text for each in one] == [each.text for each in other]


def test_constraints(translator):
    assert translator.translate("a b c", prefix="D").text.startswith("D")
    assert "H" in translator.translate("a b c", must=["H"], beam=8).text
    assert "A" not in translator.translate("a b c", must_not=["A"]).text
    assert translator.translate("a b c", allowed=["H", "G F"]).text in ("H", "G F")
    each = translator.translate(["a b", "c d"], must=[["H"], ["G"]], must_not=[["A"], []], allowed=[[], []], beam=8)
    assert "H" in each[0].text and "A" not in each[0].text and "G" in each[1].text
    all_prefixes = translator.translate(["a b", "c d"], prefix=["D", ""])
    assert all_prefixes[0].text.startswith("D") and all_prefixes[1].text.startswith("C")
    fault = translator.translate(["a", "b"], must=[["unknown"], []])
    assert fault[0].text == "" and "unknown" in fault[0].fault and fault[1].fault is None
    with pytest.raises(heed.UsageError, match="must: there are those of 1 sentences, and 2"):
        translator.translate(["a", "b"], must=[["A"]])
    assert "H" in translator.translate("a b c", must=[["H"]], prefix=["D"], beam=8).text
    with pytest.raises(heed.Error, match="must_not: a phrase is blank"):
        translator.translate("a", must_not=[" "])
    with pytest.raises(heed.UsageError, match="prefix: there are those of 2 sentences, and 1"):
        translator.translate("a", prefix=["A", "B"])


def test_steps_can_be_followed_and_ended(translator):
    seen = []
    answer = translator.translate("a b c d", on_step=lambda *step: seen.append(step))
    assert seen[0][0] == 0 and [len(tokens) for _, tokens, _ in seen[:3]] == [1, 2, 3] and isinstance(seen[0][2], str)
    short = translator.translate(["a b c d e f"] * 3, on_step=lambda sentence, tokens, text: np.bool_(sentence != 1))
    assert short[1].cut and len(short[1].tokens) < len(short[0].tokens) and short[0].text == short[2].text
    places = set()
    translator.translate(["a b"] * 40, batch=1, on_step=lambda sentence, *_: places.add(sentence))
    assert places == set(range(40))
    with pytest.raises(ZeroDivisionError):
        translator.translate(["a b"] * 40, on_step=lambda *_: 1 / 0)
    assert translator.translate("a b c d").text == answer.text


def test_features(tagged):
    translator = heed.Translator(tagged)
    assert translator.bundles[0].features == ["case"]
    one = translator.translate("a zz", features={"case": ["up", "up"]})
    assert one.text == translator.translate(["a zz"], features=[{"case": "up up"}])[0].text
    assert isinstance(one.copied, list)
    assert translator.score("a", "A", features={"case": "up"}).log_probability < 0
    with pytest.raises(TypeError, match=r"features\[0\]\['case'\]: a str or a sequence of str is expected, not int"):
        translator.translate("a", features={"case": 3})
    with pytest.raises(TypeError, match=r"features\[0\]\['case'\]\[1\]: a str is expected, not int"):
        translator.translate("a b", features={"case": ["up", 3]})
    with pytest.raises(heed.UsageError, match=r"features\[0\]: there are \['kind'\], and the model reads \['case'\]"):
        translator.translate("a", features={"kind": "up"})
    with pytest.raises(heed.UsageError, match="those of 1 of 2 sentences"):
        translator.translate(["a", "b"], features={"case": "up"})
    one_thread = heed.Translator(tagged, threads=1)  # a block of eight batches
    texts, values = ["a b"] * 12, [{"case": "up up"}] * 11 + [{"case": "up up up"}]
    with pytest.raises(heed.Error, match="^sentence 11: .*case") as raised:
        one_thread.translate(texts, features=values, batch=1)
    assert (raised.value.sentence, raised.value.line, raised.value.kind) == (11, None, "data")
    assert pickle.loads(pickle.dumps(raised.value)).sentence == 11
    for call in (one_thread.score, heed.Translator([tagged, tagged], threads=1).score, one_thread.align):
        with pytest.raises(heed.Error, match="^source:12: .*case") as raised:
            call(texts, ["A B"] * 12, features=values, batch=1)
        assert (raised.value.sentence, raised.value.file, raised.value.line) == (11, "source", 12)


def test_a_list_that_is_another_each_time_is_read_once(translator, tagged):
    class Growing(list):
        def __iter__(self):
            return iter(["a b"] * 3)

    assert len(translator.translate(Growing(["a b"]), prefix="D")) == 3
    tagged = heed.Translator(tagged)

    def growing(lists, values):
        for each in lists:
            each.append("a b")
        yield from values

    texts, others = ["a b"], ["A B"]
    with pytest.raises(heed.UsageError, match="there are constraints of 1 of 2 sentences: the list changed"):
        translator.translate(texts, prefix=growing([texts], ["D"]))
    with pytest.raises(heed.UsageError, match="there are features of 2 of 3 sentences: the list changed"):
        tagged.translate(texts, features=growing([texts], [{"case": "up up"}] * 2))
    with pytest.raises(heed.UsageError, match="there are features of 1 of 2 sentences: the list changed"):
        targets = ["A B"]
        tagged.score(others, targets, features=growing([others, targets], [{"case": "up up"}]))


@pytest.mark.parametrize(
    "wrong, says",
    [
        ({"sentences": [1]}, r"sentences\[0\]: a str is expected, not int"),
        ({"sentences": np.zeros(2)}, r"sentences\[0\]: a str is expected, not float64"),
        ({"sentences": b"a"}, "sentences: a str or an iterable of str is expected, not bytes"),
        ({"sentences": 3}, "sentences: a str or an iterable of str is expected, not int"),
        ({"sentences": {"a": "b"}}, "sentences: a str or an iterable of str is expected, not dict"),
        ({"prefix": 3}, "prefix: a str or a sequence of str is expected, not int"),
        ({"must": "A"}, "must: a sequence of str is expected, not str"),
        ({"must": 3}, "must: a sequence of str is expected, not int"),
        ({"must": [3]}, r"must\[0\]: a str is expected, not int"),
        ({"must_not": [["A"], "B"]}, r"must_not\[1\]: a sequence of str is expected, not str"),
        ({"allowed": ["A", ["B"]]}, r"allowed\[0\]: a sequence of str is expected, not str"),
        ({"features": 3}, "features: a mapping or a sequence of mappings is expected, not int"),
        ({"features": ["up"]}, r"features\[0\]: a mapping is expected, not str"),
        ({"beam": "3"}, "beam: an int is expected, not str"),
        ({"beam": True}, "beam: an int is expected, not bool"),
        ({"beam": 2.0}, "beam: an int is expected, not float"),
        ({"sample": 1}, "sample: a bool is expected, not int"),
        ({"sample": (0.8,)}, "sample: a bool is expected, not tuple"),
        ({"sample": (1.0, 0, 1.0, 0.0, 1)}, "sample: a bool is expected, not tuple"),
        ({"attention": 1}, "attention: a bool is expected, not int"),
        ({"length_penalty": "x"}, "length_penalty: a number is expected, not str"),
        ({"max_output": 1.5}, "max_output: an int is expected, not float"),
        ({"on_step": 3}, "not callable"),
        ({"bean": 3}, "bean"),
    ],
)
def test_another_type_is_refused(translator, wrong, says):
    with pytest.raises(TypeError, match=says):
        translator.translate(**{"sentences": "a b", **wrong})


@pytest.mark.parametrize(
    "wrong, says",
    [
        ({"beam": 0}, "beam is 0; it must be at least 1"),
        ({"beam": 1 << 40}, "beam: 1099511627776 is too large or too small"),
        ({"prune": 10**400}, "prune: 1000.* is too large or too small"),
        ({"sample": True, "seed": -1}, "seed: -1 is too large or too small"),
        ({"nbest": 6}, "nbest is 6"),
        ({"sentences": ["a", "b\0c"]}, r"sentences\[1\]: a NUL byte at byte 2; expected plain text"),
        ({"must": ["A\0"]}, r"must\[0\]: a NUL byte at byte 2"),
        ({"stop": "first\0"}, "stop: a NUL byte at byte 6"),
        ({"stop": "frist"}, "stop: unknown 'frist'; expected: bound | first | all; did you mean 'first'"),
        ({"max_output": "y3"}, "y3"),
        ({"max_length": -1}, "max_length is -1; it must not be negative"),
        ({"word_reward": 1e308}, "word_reward is 1000.*; it must lie between -100 and 100"),
        ({"sample": True, "nbest": 1001}, "nbest is 1001; it must be at most 1000"),
        ({"sample": True, "temperature": -1}, "temperature"),
    ],
)
def test_a_value_that_is_wrong_is_refused(translator, wrong, says):
    with pytest.raises(heed.UsageError, match=says.replace("|", r"\|")) as raised:
        translator.translate(**{"sentences": "a b", **wrong})
    assert raised.value.kind == "usage" and isinstance(raised.value, ValueError)


def test_numbers_of_numpy_are_numbers(translator):
    assert translator.translate(np.array(["a b", "c"]), beam=np.int64(3), length_penalty=np.float32(1))[1].source == "c"


def test_a_lone_surrogate_is_an_error(translator):
    with pytest.raises(UnicodeEncodeError):
        translator.translate("\ud800")


def test_a_model_without_attention_says_so(mute):
    translator = heed.Translator(mute)
    assert translator.score("a", "A").attention is None
    for call in (lambda: translator.translate("a", attention=True), lambda: translator.align("a", "A")):
        with pytest.raises(heed.UsageError, match="the model has none"):
            call()


def test_an_ensemble_shares(toy, back):
    both = heed.Translator([toy, heed.Bundle(toy)], weights=[1, 3], combine="log-linear")
    alone = heed.Translator(toy)
    assert len(both.bundles) == 2 and both.translate("a b c").text == alone.translate("a b c").text
    assert both.score("a b", "A B").log_probability == pytest.approx(alone.score("a b", "A B").log_probability, abs=1e-4)
    with pytest.raises(heed.UsageError, match="weights"):
        heed.Translator([toy, toy], weights=[1])
    with pytest.raises(heed.UsageError, match="combine: unknown 'maen'"):
        heed.Translator([toy, toy], combine="maen")
    with pytest.raises(heed.UsageError, match="no model"):
        heed.Translator([])
    for wrong, says in (
        ({"combine": 3}, "combine: a str is expected, not int"),
        ({"weights": 3}, "weights: a sequence of numbers is expected, not int"),
        ({"weights": ["x", 1]}, r"weights\[0\]: a number is expected, not str"),
        ({"models": 3}, "models: a folder, a Bundle or a sequence of these is expected, not int"),
        ({"precision": 8}, "precision: a str is expected, not int"),
    ):
        with pytest.raises(TypeError, match=says):
            heed.Translator(**{"models": [toy, toy], **wrong})
    with pytest.raises(heed.Error, match="vocabular"):
        heed.Translator([toy, back])
    for argument in ("combine", "shortlist", "dictionary", "precision"):
        with pytest.raises(heed.UsageError, match=f"^{argument}: a NUL byte"):
            heed.Translator(toy, **{argument: "mean\0"})
    with pytest.raises(heed.UsageError, match="^path: a NUL byte"):
        heed.Translator(f"{toy}\0")


def test_shortlist_and_dictionary(toy, binary, folder):
    files = ["--source", str(folder / "train.source"), "--target", str(folder / "train.target")]
    binary("shortlist", "--model", toy, *files, "--output", str(folder / "list"))
    (folder / "words").write_text("unknown\tknown\n")
    translator = heed.Translator(toy, shortlist=folder / "list", dictionary=folder / "words")
    assert translator.translate("a b c").text == heed.Translator(toy).translate("a b c").text
    assert translator.translate("unknown", replace_unknown=True).fault is None
    with pytest.raises(heed.Error) as raised:
        heed.Translator(toy, shortlist=folder / "words")
    assert raised.value.file == str(folder / "words") and raised.value.line == 1


def test_threads_share_a_translator(translator):
    texts = sentences(60, 7)
    expected = [each.text for each in translator.translate(texts)]
    found = {}

    def work(number):
        found[number] = [each.text for each in translator.translate(texts, attention=True)]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(found.values()) == [expected] * 4


def test_a_forked_process_has_threads_of_its_own(translator):
    texts = sentences(40, 9)
    expected = [each.text for each in translator.translate(texts)]
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        os._exit(0 if [each.text for each in translator.translate(texts)] == expected else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_control_c_ends_a_long_list(translator):
    """After the batches at hand. The main thread is told itself: what is sent to the process any thread may take, such
    as one of NumPy's, which a busy machine can stop before it has told Python."""
    seen = set()

    def interrupt(sentence, tokens, text):
        if not seen:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        seen.add(sentence)

    with pytest.raises(KeyboardInterrupt):
        translator.translate(["a b"] * 1000, batch=1, on_step=interrupt)
    assert seen <= set(range(16))
    for more in ({"beam": 1000}, {"sample": True, "nbest": 1000}):
        seen.clear()
        with pytest.raises(KeyboardInterrupt):
            translator.translate(["a b"] * 40, on_step=interrupt, **more)
        assert seen <= {0, 1}  # one of each thread
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    assert translator.translate("a b").text == "A B"


def test_others_run_while_it_computes(translator):
    """This thread gets its turn only where the other one gives up the GIL, since it is never asked to."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    started, ended = threading.Event(), []

    def work():
        started.set()
        translator.translate(texts, beam=8)
        ended.append(True)

    texts = sentences(1000, 8)
    thread = threading.Thread(target=work)
    try:
        thread.start()
        started.wait()
        assert not ended
        thread.join()
    finally:
        sys.setswitchinterval(before)
