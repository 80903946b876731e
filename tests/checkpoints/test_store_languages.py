"""Search where no spaces stand between words: the index of characters beside that of words."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pytest
from older_schema import forget_tasks

from checkpoints import Filters, ItemDraft, PrunePolicy, StepDraft, Store, Vector, Version
from checkpoints.file.migrations import m010_character_index, m011_one_kana

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Draft = Callable[..., StepDraft]

FULL_WIDTH = "".join(chr(ord(letter) + 0xFEE0) for letter in "iPhone")
REFUND = "顾客收到货后七天内可以申请退款。"
SHIPPING = "仓库在周日不发货。"
TEA = "茶馆门口有一棵银杏树。"


@pytest.fixture
def session(store: Store) -> str:
    return store.create_session().id


def remember(store: Store, session: str, *texts: str) -> None:
    for number, text in enumerate(texts):
        store.remember(session, [ItemDraft(text, f"note {number}")])


def found(store: Store, session: str, query: str) -> list[str]:
    return [hit.text for hit in store.recall(session, query)]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("退款", REFUND),
        ("七天内可以申请退款", REFUND),
        ("周日", SHIPPING),
        ("茶", TEA),
        ("树", TEA),
        ("退款要几天", REFUND),
    ],
)
def test_a_phrase_a_word_of_two_characters_and_one_character_are_found(
    store: Store, session: str, query: str, text: str
) -> None:
    remember(store, session, REFUND, SHIPPING, TEA, "The tea house opens at nine.")
    assert found(store, session, query)[0] == text


@pytest.mark.parametrize(
    ("text", "other", "query"),
    [
        ("領収書の再発行は経理部に依頼してください。", "会議室は二階にあります。", "再発行"),
        ("ﾊﾟｽﾜｰﾄﾞは九十日ごとに変える。", "会議室は二階にあります。", "パスワード"),
        ("학교에서 친구를 만났다.", "회의실은 이 층에 있다.", "학교"),
        ("ลูกค้าขอคืนเงินได้ภายในเจ็ดวัน", "ห้องประชุมอยู่ชั้นสอง", "คืนเงิน"),
        ("ລູກຄ້າຂໍເງິນຄືນໄດ້ພາຍໃນເຈັດມື້", "ແມວນອນຢູ່ໃຕ້ໂຕະ", "ເງິນຄືນ"),
        ("សូមលេបថ្នាំក្រោយអាហារ", "ឆ្មាគេងនៅក្រោមតុ", "ក្រោយអាហារ"),
        ("ဝယ်သူသည်ငွေပြန်တောင်းနိုင်သည်။", "ကြောင်သည်စားပွဲအောက်တွင်အိပ်သည်။", "ငွေပြန်"),
        ("𠮷野家で牛丼を食べた。", "会議室は二階にあります。", "𠮷野家"),
    ],
    ids=["Japanese", "halfwidth", "Korean", "Thai", "Lao", "Khmer", "Burmese", "beyond the BMP"],
)
def test_words_are_found_inside_sentences_of_many_languages(
    store: Store, session: str, text: str, other: str, query: str
) -> None:
    remember(store, session, other, text)
    assert found(store, session, query)[0] == text


@pytest.mark.parametrize("query", ["iPhone", "IPHONE", "手机", "iPhone手机", FULL_WIDTH])
def test_a_word_in_letters_is_found_where_it_touches_characters(
    store: Store, session: str, query: str
) -> None:
    remember(store, session, TEA, "新买的iPhone手机屏幕碎了。", "The phone has no screen.")
    assert found(store, session, query)[0] == "新买的iPhone手机屏幕碎了。"


def test_what_holds_nothing_of_a_query_in_characters_is_not_found(
    store: Store, session: str
) -> None:
    remember(store, session, SHIPPING, "An English note.")
    assert found(store, session, "退款") == []


def vector(values: list[float], tokens: int, *words: str) -> Vector:
    """Of an encoder whose tokens all point the same way."""
    unit = np.array(values, np.float32) / np.float32(np.linalg.norm(values))
    return Vector("e", unit, np.tile(unit, (tokens, 1)), words)


def test_an_encoder_that_reads_characters_one_by_one_has_no_say_in_them(
    store: Store, session: str
) -> None:
    for text, values in ((REFUND, [1.0, 0.0]), (SHIPPING, [0.0, 1.0])):
        store.remember(session, [ItemDraft(text, text, vector=vector(values, 1))])
    by_characters = vector([0.0, 1.0], 2, "退", "款")
    assert [h.text for h in store.recall(session, "退款", vector=by_characters)] == [REFUND]
    unknown = vector([0.0, 1.0], 2, "", "")
    assert [h.text for h in store.recall(session, "退款", vector=unknown)] == [REFUND]


def test_an_encoder_that_has_words_of_a_language_is_asked(store: Store, session: str) -> None:
    for text, values in ((REFUND, [1.0, 0.0]), (SHIPPING, [0.0, 1.0])):
        store.remember(session, [ItemDraft(text, text, vector=vector(values, 1))])
    multilingual = vector([0.0, 1.0], 1, "发送")
    assert [h.text for h in store.recall(session, "发送", vector=multilingual)] == [SHIPPING]


def test_filters_quarantine_and_newer_versions_act_on_it(store: Store, session: str) -> None:
    remember(store, session, REFUND, "退款由财务处理。")
    (only,) = store.recall(session, "退款", filters=Filters(sources=["note 1"]))
    assert only.text == "退款由财务处理。"
    store.marks.quarantine(session, source="note 1", reason="wrong")
    assert found(store, session, "退款") == [REFUND]
    new = "顾客三天内可以申请退货。"
    store.remember(session, [ItemDraft(new, "note 0")], [Version("note 0", (new,), complete=True)])
    assert found(store, session, "退款") == []
    assert found(store, session, "申请") == [new]
    store.marks.release(session, source="note 1")
    assert found(store, session, "退款") == ["退款由财务处理。"]
    assert store.maintenance.verify() == []


def test_another_sessions_characters_never_surface(store: Store, session: str) -> None:
    remember(store, store.create_session().id, REFUND)
    assert found(store, session, "退款") == []


def test_what_is_pruned_leaves_nothing_in_it(path: Path, draft: Draft) -> None:
    with Store.open(path) as store:
        session = store.create_session().id
        first = store.checkpoint(session)
        store.append_step(session, draft(1, output=REFUND))
        store.restore(first.id)
        store.append_step(session, draft(1, output=SHIPPING))
        store.maintenance.prune(PrunePolicy(keep=0))
        assert found(store, session, "退款") == []
        assert found(store, session, "周日") == [SHIPPING]
        assert store.maintenance.verify() == []
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM character_index_docsize").fetchone() == (1,)
    assert "退款".encode() not in path.read_bytes()


def test_what_is_deleted_for_good_leaves_nothing_in_it(path: Path) -> None:
    with Store.open(path) as store:
        session = store.create_session().id
        remember(store, session, REFUND, SHIPPING)
        store.deletions.source(session, "note 0")
        assert found(store, session, "退款") == []
        assert found(store, session, "周日") == [SHIPPING]
        assert store.maintenance.verify() == []
    for file in path.parent.iterdir():
        assert not [pair for pair in ("退款", "顾客", "七天") if pair.encode() in file.read_bytes()]


def test_verify_finds_what_the_index_of_characters_lacks(path: Path) -> None:
    with Store.open(path) as store:
        remember(store, store.create_session().id, REFUND)
        assert store.maintenance.verify() == []
    with closing(sqlite3.connect(path)) as db:
        db.execute("INSERT INTO character_index (character_index) VALUES ('delete-all')")
        db.commit()
    with Store.open(path) as store:
        assert store.maintenance.verify() == ["index of characters: does not match the texts"]


def forget_the_index(path: Path) -> None:
    """Make the database one from before there was an index of characters."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript("DROP TABLE character_index; DROP TABLE character_fill;")
        forget_tasks(db)
        before = m010_character_index.__name__[1:4]
        db.execute(f"PRAGMA user_version = {int(before) - 1}")


def test_an_older_database_is_searched_by_characters_at_once(path: Path) -> None:
    with Store.open(path) as store:
        session = store.create_session().id
        remember(store, session, SHIPPING, REFUND, "An English note.")
    forget_the_index(path)
    with Store.open(path) as store:
        assert store.maintenance.verify() == []
        assert found(store, session, "退款") == [REFUND]
        remember(store, session, TEA)
        assert found(store, session, "银杏") == [TEA]
        assert store.maintenance.verify() == []


def test_a_large_older_database_is_filled_behind_and_searched_meanwhile(path: Path) -> None:
    long = "".join(map(chr, range(0x4E00, 0x4E00 + 16_000)))
    with Store.open(path) as store:
        session = store.create_session().id
        remember(store, session, *(f"{number}{long}" for number in range(11)), REFUND)
        shown = store.recall(session, "退款")
    forget_the_index(path)
    with Store.open(path) as store:
        assert list(path.parent.glob("*.backup")) == []
        # Came meanwhile, one of them a text that is still to be filled in.
        remember(store, session, "退款由财务处理。")
        store.remember(session, [ItemDraft(REFUND, "copy")])
        assert found(store, session, "退款") == ["退款由财务处理。"]
        assert store.maintenance.verify() == []
        while store.maintenance.fill_characters():
            pass
        assert shown[0].text in found(store, session, "退款")
        assert store.maintenance.verify() == []
        assert not store.maintenance.fill_characters()


def test_a_reader_searches_what_is_filled_and_leaves_the_rest(path: Path) -> None:
    with Store.open(path) as store:
        session = store.create_session().id
        remember(store, session, REFUND)
    forget_the_index(path)
    Store.open(path).close()
    with Store.open_reader(path) as reader:
        assert not reader.maintenance.fill_characters()
        assert reader.recall(session, "退款") == []


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("我在café咖啡店等你。", "cafe"),
        ("我在cafe咖啡店等你。", "café"),
        ("我在CAFÉ咖啡店等你。", "cafe\u0301"),
        ("我在cafe\u0301咖啡店等你。", "Cafe咖啡"),
        ("他吃了phở然后走了。", "pho"),
        ("他吃了phở然后走了。", "PHỞ"),
        ("彼はÅngströmを測った。", "angstrom"),
        ("東京のПётрさん", "петр"),
    ],
)
def test_a_word_beside_a_spaceless_script_is_found_with_and_without_its_accents(
    store: Store, session: str, text: str, query: str
) -> None:
    remember(store, session, text, SHIPPING, "The tea house opens at nine.")
    assert found(store, session, query)[0] == text


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("ひらがなで書いてください。", "ヒラガナ"),
        ("カタカナで書いてください。", "かたかな"),
        ("りんごを三つ買った。", "リンゴ"),
        ("ﾘﾝｺﾞを三つ買った。", "りんご"),
        ("コーヒーは机の上にある。", "こーひー"),
        ("ヴァイオリンを習う。", "ゔぁいおりん"),
        ("ば\u3099らが咲いた。", "バ\u3099ラ"),
        ("スヾキさんが来た。", "すゞき"),
        ("ネコを飼う。", "ね"),
    ],
)
def test_hiragana_finds_katakana_and_the_other_way_round(
    store: Store, session: str, text: str, query: str
) -> None:
    remember(store, session, "会議室は二階にあります。", text)
    assert found(store, session, query)[0] == text


def unlike(cosine: float) -> Vector:
    """A vector with that cosine to `like`."""
    values = np.zeros(8, np.float32)
    values[0], values[1] = cosine, np.sqrt(1 - cosine**2)
    return Vector("e", values)


@pytest.mark.parametrize(
    ("text", "query", "cosine", "comes"),
    [
        (REFUND, "zzzz", 0.27, False),
        (SHIPPING, "What is a refund?", 0.3, False),
        ("Склад не работает.", "zzzz", 0.3, False),
        ("لا يعمل المستودع", "zzzz", 0.3, False),
        ("ลูกค้าขอคืนเงิน", "zzzz 7", 0.3, False),
        ("The tea house.", "Склад", 0.3, False),
        (REFUND, "1234", 0.3, False),
        (REFUND, "refund period", 0.5, True),  # an encoder that knows both
        ("The tea house.", "zzzz", 0.3, True),
        ("Das Café öffnet früh.", "opening hours", 0.3, True),
        (f"refund {REFUND}", "refund", 0.2, True),
        ("Склад не работает.", "почта", 0.3, True),
    ],
)
def test_a_faint_likeness_across_scripts_is_no_match(
    store: Store, session: str, text: str, query: str, cosine: float, comes: bool
) -> None:
    store.remember(session, [ItemDraft(text, "a.md", vector=unlike(cosine))])
    hits = store.recall(session, query, vector=unlike(1))
    assert [hit.text for hit in hits] == ([text] if comes else [])


def test_a_database_from_before_kana_were_one_is_filled_anew(path: Path) -> None:
    with Store.open(path) as store:
        session = store.create_session().id
        remember(store, session, "リンゴを三つ買った。", "我在café咖啡店。", SHIPPING)
    with closing(sqlite3.connect(path)) as db:
        db.execute("INSERT INTO character_index (character_index) VALUES ('delete-all')")
        db.execute("INSERT INTO character_index (rowid, terms) VALUES (1, 'リン ンゴ')")
        forget_tasks(db)
        before = m011_one_kana.__name__[1:4]
        db.execute(f"PRAGMA user_version = {int(before) - 1}")
        db.commit()
    with Store.open(path) as store:
        assert found(store, session, "りんご") == ["リンゴを三つ買った。"]
        assert found(store, session, "cafe") == ["我在café咖啡店。"]
        assert store.maintenance.verify() == []
    assert not list(path.parent.glob("*.backup"))
