"""Answers by a JSON schema: random walks over what is allowed always end in JSON that fits it."""
# ruff: noqa: S106  # the tokens named here are words of a vocabulary

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import torch
from tiny_models import CONTROL, merging_tokenizer
from tokenizers import Tokenizer, models
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from hypernet.base_model.loading import base_folder
from hypernet.base_model.sources import base_source
from hypernet.engine.interface import EngineError
from hypernet.engine.torch import constrain
from hypernet.engine.torch.constrain import Grammars, check_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypernet.engine.torch.constrain import Constraint

LONGEST_WALK = 400
WALKS = 12


def closed(**properties: Any) -> dict[str, Any]:
    """An object with these fields, all required, and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


ENUM = {"enum": ["positive", "negative", "neutral", 'a "quoted" one', "käse"]}
FLAT = closed(
    age={"type": "integer"},
    score={"type": "number"},
    ok={"type": "boolean"},
    tags={"type": "array", "items": {"type": "string", "maxLength": 8}, "maxItems": 3},
)
NESTED = closed(
    person=closed(
        name={"type": "string"},
        address=closed(city={"type": "string"}, zip={"type": "string", "pattern": "^[0-9]{5}$"}),
    ),
    kind={"enum": ["a", "b"]},
)
SCHEMAS: dict[str, dict[str, Any]] = {
    "an enum of strings": ENUM,
    "an integer": {"type": "integer", "minimum": -5, "maximum": 250},
    "a number": {"type": "number"},
    "a string": {"type": "string", "minLength": 2},
    "an object of plain fields": FLAT,
    "a nested object": NESTED,
    "optional fields": {**FLAT, "required": ["ok"]},
    "an array of objects": {
        "type": "array",
        "items": closed(id={"type": "integer", "maximum": 99, "minimum": 0}),
        "minItems": 1,
        "maxItems": 4,
    },
    "one of two types": {"anyOf": [{"type": "null"}, {"type": "string", "format": "date"}]},
    "a definition that holds itself": {
        "$defs": {
            "node": closed(
                value={"type": "integer", "minimum": 0, "maximum": 9},
                next={"anyOf": [{"type": "null"}, {"$ref": "#/$defs/node"}]},
            )
        },
        "$ref": "#/$defs/node",
    },
    "a schema that holds itself": {
        **closed(
            value={"type": "integer", "minimum": 0, "maximum": 9},
            next={"anyOf": [{"type": "null"}, {"$ref": "#"}]},
        ),
    },
}


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    answers = [
        {"name": "Ann", "tags": ["a", "b"], "ok": True, "person": {"age": n}} for n in (4, 9)
    ]
    texts = [json.dumps(answers), json.dumps(answers, separators=(",", ":")), "positive négative"]
    return merging_tokenizer(texts)


@pytest.fixture(scope="module")
def grammars(tokenizer: PreTrainedTokenizerFast) -> Grammars:
    return Grammars(tokenizer)


def allowed(constraint: Constraint) -> list[int]:
    return constraint.allowed_V().nonzero().view(-1).tolist()


def feed(constraint: Constraint, tokenizer: Any, text: str) -> None:
    for token in tokenizer.encode(text, add_special_tokens=False):
        constraint.accept(token)


def take_the_first_allowed(constraint: Constraint) -> None:
    for _ in range(LONGEST_WALK):
        constraint.accept(allowed(constraint)[0])


def random_walk(grammars: Grammars, tokenizer: Any, schema: Mapping[str, Any], seed: int) -> str:
    """What uniform choices among the allowed tokens write; empty when they come to no end."""
    chance, constraint, ids = random.Random(seed), grammars.start(schema), []  # noqa: S311  # no secret
    for _ in range(LONGEST_WALK):
        choices = allowed(constraint)
        assert constraint.done == (choices == [tokenizer.eos_token_id])
        token = chance.choice(choices)
        constraint.accept(token)
        if token == tokenizer.eos_token_id:
            assert constraint.done
            return str(tokenizer.decode(ids))
        ids.append(token)
    return ""


def check_answer(text: str, schema: Mapping[str, Any]) -> None:
    answer = json.loads(text)
    jsonschema.validate(answer, schema)
    outside_of_strings = re.sub(r'"(\\.|[^"\\])*"', "", text)
    assert not re.search(r"\s", outside_of_strings)


@pytest.mark.parametrize("name", SCHEMAS)
def test_random_walk_over_allowed_tokens_ends_in_an_answer_that_fits_the_schema(
    grammars: Grammars, tokenizer: PreTrainedTokenizerFast, name: str
) -> None:
    walks = [random_walk(grammars, tokenizer, SCHEMAS[name], seed) for seed in range(WALKS)]
    ended = [text for text in walks if text]
    assert ended
    for text in ended:
        check_answer(text, SCHEMAS[name])


def test_every_value_of_an_enum_can_be_reached_and_nothing_else(
    grammars: Grammars, tokenizer: PreTrainedTokenizerFast
) -> None:
    walks = {random_walk(grammars, tokenizer, ENUM, seed) for seed in range(60)}
    assert {json.loads(text) for text in walks} == set(ENUM["enum"])


def test_answer_that_fits_is_accepted_to_its_end_and_is_then_done(
    grammars: Grammars, tokenizer: PreTrainedTokenizerFast
) -> None:
    constraint = grammars.start(FLAT)
    feed(constraint, tokenizer, '{"age":7,"score":-0.5,"ok":true,"tags":["a","b"]')
    assert not constraint.done
    feed(constraint, tokenizer, "}")
    assert constraint.done
    assert allowed(constraint) == [tokenizer.eos_token_id]


def test_number_may_end_or_go_on(grammars: Grammars, tokenizer: PreTrainedTokenizerFast) -> None:
    constraint = grammars.start({"type": "integer"})
    assert tokenizer.eos_token_id not in allowed(constraint)
    feed(constraint, tokenizer, "12")
    assert not constraint.done
    assert {tokenizer.eos_token_id, *tokenizer.encode("3")} <= set(allowed(constraint))
    constraint.accept(tokenizer.eos_token_id)
    assert constraint.done


@pytest.mark.parametrize("text", [" {", "{ ", '{"age": ', '{"age":1 ', '{"age":1, ', "{\n", "{\t"])
def test_no_whitespace_stands_outside_of_strings(
    grammars: Grammars, tokenizer: PreTrainedTokenizerFast, text: str
) -> None:
    with pytest.raises(EngineError, match="not among those the schema allows"):
        feed(grammars.start(FLAT), tokenizer, text)


def test_option_of_the_library_inside_a_schema_changes_nothing(
    grammars: Grammars, tokenizer: PreTrainedTokenizerFast
) -> None:
    schema = {**FLAT, "x-guidance": {"whitespace_pattern": "[ ]+"}}
    check_schema(schema)
    with pytest.raises(EngineError, match="not among those the schema allows"):
        feed(grammars.start(schema), tokenizer, "{ ")


def test_mask_holds_every_token_that_would_be_accepted_and_no_other(
    grammars: Grammars, tokenizer: PreTrainedTokenizerFast
) -> None:
    started = '{"person":{"name":"A'
    constraint = grammars.start(NESTED)
    feed(constraint, tokenizer, started)
    mask_V = constraint.allowed_V()
    assert mask_V.shape == (len(tokenizer),)
    assert mask_V.dtype == torch.bool
    for token in range(len(tokenizer)):
        other = grammars.start(NESTED)
        feed(other, tokenizer, started)
        if mask_V[token]:
            other.accept(token)
        else:
            with pytest.raises(EngineError):
                other.accept(token)


@pytest.mark.parametrize("text", CONTROL)
def test_control_token_is_never_part_of_a_string(
    grammars: Grammars, tokenizer: PreTrainedTokenizerFast, text: str
) -> None:
    constraint = grammars.start({"type": "string"})
    feed(constraint, tokenizer, '"in it')
    assert not constraint.allowed_V()[tokenizer.convert_tokens_to_ids(text)]


def test_refused_token_changes_nothing(
    grammars: Grammars, tokenizer: PreTrainedTokenizerFast
) -> None:
    constraint = grammars.start(ENUM)
    feed(constraint, tokenizer, '"n')
    before_V = constraint.allowed_V()
    wrong = tokenizer.encode("}")[0]
    with pytest.raises(EngineError, match=rf"output: token {wrong} is not among those"):
        constraint.accept(wrong)
    assert torch.equal(constraint.allowed_V(), before_V)
    feed(constraint, tokenizer, 'egative"')
    assert constraint.done


@pytest.mark.parametrize("token", [-1, 400, 10**12])
def test_token_outside_the_vocabulary_is_refused(grammars: Grammars, token: int) -> None:
    with pytest.raises(EngineError, match=f"output: token {token} is not among those"):
        grammars.start(ENUM).accept(token)


def test_nothing_but_the_end_token_is_accepted_after_the_end(
    grammars: Grammars, tokenizer: PreTrainedTokenizerFast
) -> None:
    constraint = grammars.start(ENUM)
    feed(constraint, tokenizer, '"neutral"')
    with pytest.raises(EngineError, match="output: token"):
        feed(constraint, tokenizer, ",")
    constraint.accept(tokenizer.eos_token_id)
    assert constraint.done


def test_mask_is_as_wide_as_the_logits(tokenizer: PreTrainedTokenizerFast) -> None:
    wide = Grammars(tokenizer, len(tokenizer) + 13)
    mask_V = wide.start({"type": "string"}).allowed_V()
    assert mask_V.shape == (len(tokenizer) + 13,)
    assert not mask_V[len(tokenizer) :].any()


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Schemas in the order of their compilation."""
    seen: list[str] = []
    compile_schema = Grammars.compile

    def note(self: Grammars, text: str) -> Any:
        seen.append(text)
        return compile_schema(self, text)

    monkeypatch.setattr(Grammars, "compile", note)
    return seen


def test_schema_is_compiled_once_and_its_answers_do_not_disturb_each_other(
    tokenizer: PreTrainedTokenizerFast, compiled: list[str]
) -> None:
    grammars = Grammars(tokenizer)
    one, two = grammars.start(ENUM), grammars.start(json.loads(json.dumps(ENUM)))
    assert len(compiled) == 1
    feed(one, tokenizer, '"neutral"')
    assert one.done
    assert not two.done
    assert torch.equal(two.allowed_V(), grammars.start(ENUM).allowed_V())
    feed(two, tokenizer, '"positive"')
    assert two.done


def test_schema_that_was_not_used_for_longest_is_forgotten_first(
    tokenizer: PreTrainedTokenizerFast, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constrain, "SCHEMAS_KEPT", 2)
    grammars = Grammars(tokenizer)
    first, second, third = ({"const": n} for n in (1, 2, 3))
    for schema in (first, second, first, third, first, second):
        grammars.start(schema)
    assert [json.loads(text)["const"] for text in compiled] == [1, 2, 3, 2]


def deep(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "integer"}
    for _ in range(levels - 1):
        schema = {"not": schema}
    return schema


def endless() -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "array"}
    schema["items"] = schema
    return schema


REFUSED = {
    "not a mapping": (["string"], "output_schema: a list is given, allowed is a JSON object"),
    "a schema as text": ('{"type": "string"}', "output_schema: a str is given"),
    "too long": (
        {"const": "x" * 20_000},
        r"output_schema: 20012 characters as JSON, .* up to 20000",
    ),
    "too deep": (deep(21), "output_schema: nested over 20 deep"),
    "holds itself": (endless(), "output_schema: nested over 20 deep"),
    "not JSON": ({"const": {1, 2}}, "output_schema: not JSON: "),
    "not a number of JSON": ({"const": float("nan")}, "output_schema: not JSON: "),
    "half a character": ({"const": "\ud800"}, "output_schema: not JSON: "),
    "a reference by http": (
        {"$ref": "http://example.com/a"},
        r"output_schema: `\$ref` to 'http://ex",
    ),
    "a reference to a file": (
        {"items": [{"$ref": "a.json#/b"}]},
        r"output_schema: `\$ref` to 'a.json#/b'",
    ),
    "a missing definition": (
        {"$ref": "#/$defs/no"},
        "output_schema: cannot be enforced: .*does not exist",
    ),
    "a dialect to be fetched": (
        {"$schema": "http://example.com/a"},
        "'http://example.com/a', which is not known here",
    ),
    "a wrong type": (
        {"type": "strnig"},
        "output_schema: cannot be enforced: 'strnig' is not a type of JSON Schema",
    ),
    "a keyword not enforced": (
        {"type": "array", "uniqueItems": True},
        'these keywords are not supported: "uniqueItems"; leave them out',
    ),
    "a pattern not enforced": (
        {"type": "string", "pattern": "(?=a)b"},
        "a pattern is not supported: look-around",
    ),
    "a pattern that is none": ({"type": "string", "pattern": "["}, "a pattern is not supported"),
    "no answer fits": ({"type": "integer", "minimum": 5, "maximum": 2}, "no output can fit it"),
    "nothing to choose from": ({"enum": []}, "no output can fit it"),
    "patterns of names that overlap": (
        {
            "type": "object",
            "patternProperties": {"^a": {"type": "string"}, "b$": {"type": "integer"}},
        },
        r"patternProperties: a name can match both '\^a' and 'b\$'; make the patterns exclude",
    ),
    "a reference by anchor": ({"$ref": "#a", "$defs": {"x": {"$anchor": "a"}}}, r"`\$ref` to '#a'"),
    "a choice of one": ({"oneOf": [{"type": "string"}] * 2}, "`oneOf` is not supported where"),
    "bounds of many digits": (
        {"type": "integer", "minimum": 10**30},
        "a whole number is allowed that has over 18 digits",
    ),
    "multiples of nothing": (
        {"type": "number", "multipleOf": 0},
        "`multipleOf` must be more than 0",
    ),
    "a bound that is a text": (
        {"type": "integer", "minimum": "5"},
        "'minimum' must be a number, and is \"5\"",
    ),
    "a pattern and a format that exclude each other": (
        {"type": "string", "format": "date", "pattern": "^x$"},
        "no output can fit it: its pattern, format and lengths exclude each other",
    ),
    "an unknown dialect": ({"$schema": "foo"}, "names 'foo', which is not known here"),
    "an unknown format": ({"type": "string", "format": "tel"}, "the format 'tel' is not known"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_schema_that_cannot_be_used_is_refused_by_its_field_and_limit(name: str) -> None:
    schema, message = REFUSED[name]
    with pytest.raises(EngineError, match=message) as refusal:
        check_schema(schema)
    assert str(refusal.value).startswith("output_schema: ")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", REFUSED)
def test_refused_schema_starts_no_answer_either(grammars: Grammars, name: str) -> None:
    schema, message = REFUSED[name]
    with pytest.raises(EngineError, match=message):
        grammars.start(schema)


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_that_can_be_used_is_not_refused(name: str) -> None:
    check_schema(SCHEMAS[name])


def test_schema_at_its_limits_is_not_refused() -> None:
    check_schema({"const": "ö" * (20_000 - len('{"const":""}'))})
    schema: dict[str, Any] = {"type": "integer"}
    for _ in range(19):
        schema = {"items": schema}
    check_schema(schema)


@pytest.mark.parametrize("prefix", [{}, {"$id": "http://example.com/tree"}])
def test_an_answer_may_hold_another_that_follows_the_whole_schema(
    grammars: Grammars, tokenizer: PreTrainedTokenizerFast, prefix: dict[str, str]
) -> None:
    schema = {**closed(ok={"anyOf": [{"type": "boolean"}, {"$ref": "#"}]}), **prefix}
    constraint = grammars.start(schema)
    feed(constraint, tokenizer, '{"ok":{"ok":{"ok":true}}}')
    assert constraint.done


def test_schema_that_no_answer_can_ever_fulfil_ends_as_an_engine_error(grammars: Grammars) -> None:
    with pytest.raises(EngineError, match="output_schema: cannot be enforced"):
        grammars.start({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}})


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"$ref": "#"}, "it leads back to itself by"),
        ({"anyOf": [{"$ref": "#"}]}, "it leads back to itself by"),
        ({"$defs": {"n": closed(n={"$ref": "#/$defs/n"})}, "$ref": "#/$defs/n"}, "be able to end"),
        (closed(n={"$ref": "#"}), "be able to end"),
        ({"type": "array", "items": {"$ref": "#"}, "minItems": 1}, "be able to end"),
    ],
)
def test_what_leads_back_to_itself_is_told_in_plain_words(
    grammars: Grammars, tokenizer: PreTrainedTokenizerFast, schema: dict[str, Any], words: str
) -> None:
    with pytest.raises(EngineError, match=f"output_schema: cannot be enforced: .*{words}"):
        take_the_first_allowed(grammars.start(schema))


def test_answer_that_has_become_too_hard_to_follow_is_not_done(
    grammars: Grammars, tokenizer: PreTrainedTokenizerFast
) -> None:
    forever = {"$ref": "#/$defs/a", "$defs": {"a": closed(next={"$ref": "#/$defs/a"})}}
    constraint = grammars.start(forever)
    with pytest.raises(EngineError, match="output_schema: cannot be enforced"):
        take_the_first_allowed(constraint)
    assert not constraint.done
    with pytest.raises(EngineError, match="output_schema: cannot be enforced"):
        constraint.allowed_V()
    with pytest.raises(EngineError):
        constraint.accept(tokenizer.encode("{")[0])


def test_tokenizer_whose_tokens_are_not_bytes_is_refused() -> None:
    backend = Tokenizer(models.WordPiece(vocab={"[UNK]": 0, "a": 1, "[SEP]": 2}, unk_token="[UNK]"))
    words = PreTrainedTokenizerFast(tokenizer_object=backend, eos_token="[SEP]")
    with pytest.raises(
        EngineError, match="output_schema: this base's tokenizer cannot be constrained"
    ):
        Grammars(words).start(ENUM)


@pytest.mark.slow
def test_module_and_its_grammars_do_not_import_the_library_before_a_schema_comes() -> None:
    script = (
        "import sys; from types import SimpleNamespace\n"
        "from hypernet.engine.torch.constrain import Grammars\n"
        "Grammars(SimpleNamespace(eos_token_id=2), 300)\n"
        "assert 'llguidance' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.model
@pytest.mark.parametrize("name", SCHEMAS)
def test_random_walk_with_the_real_vocabulary_fits_the_schema(
    real_tokenizer: Any, real_grammars: Grammars, name: str
) -> None:
    walks = [random_walk(real_grammars, real_tokenizer, SCHEMAS[name], seed) for seed in range(6)]
    ended = [text for text in walks if text]
    assert ended
    for text in ended:
        check_answer(text, SCHEMAS[name])


@pytest.mark.model
def test_real_answer_ends_with_the_end_token_of_the_chat(
    real_tokenizer: Any, real_grammars: Grammars
) -> None:
    constraint = real_grammars.start(NESTED)
    answer = {
        "person": {"name": "Jürgen", "address": {"city": "北京", "zip": "12345"}},
        "kind": "a",
    }
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    feed(constraint, real_tokenizer, text)
    assert allowed(constraint) == [real_tokenizer.convert_tokens_to_ids("<|im_end|>")]


@pytest.fixture(scope="module")
def real_tokenizer() -> Any:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hypernet-mcp"
    return AutoTokenizer.from_pretrained(str(base_folder(base_source(None), cache)))


@pytest.fixture(scope="module")
def real_grammars(real_tokenizer: Any) -> Grammars:
    return Grammars(real_tokenizer)
