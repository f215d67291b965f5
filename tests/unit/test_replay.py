from __future__ import annotations

import json
import random
import time
from collections import deque
from itertools import accumulate

import pytest

from jupyter_agentauth.replay import LARGEST, Replay
from jupyter_agentauth.terminal_modes import TerminalModes

ESC = "\x1b"

#: Much more than is kept, in lines.
LINES = "".join(f"line {n} of what was printed\r\n" for n in range(30_000))


def size(text: str) -> int:
    """Return the bytes of the message in which terminado sends a text."""
    return len(json.dumps(["stdout", text]).encode())


def replay_of(*texts: str) -> Replay:
    replay = Replay()
    for text in texts:
        replay.append(text)
    return replay


def pieces(text: str, seed: int) -> list[str]:
    """Split a text as reads of a terminal would."""
    chance, found, start = random.Random(seed), [], 0
    while start < len(text):
        end = start + chance.choice((1, 7, 100, 4096, 65536))
        found.append(text[start:end])
        start = end
    return found


def modes(text: str) -> str:
    found = TerminalModes()
    found.follow(text)
    return found.text()


def begins(replay: Replay) -> str:
    """Return the modes that a replay which has been cut begins with."""
    assert replay.cut
    return replay.text().partition("line ")[0]


def test_little_output_is_kept_as_it_is_in_the_form_of_terminados_buffer():
    replay = replay_of(f"{ESC}[1", "mbold\r\n", "last")
    assert replay.text() == f"{ESC}[1mbold\r\nlast"
    assert not replay.cut
    assert replay.copy() == deque([f"{ESC}[1mbold\r\nlast"])
    assert Replay().copy() == deque()


@pytest.mark.parametrize(
    "character",
    ["a", "\n", '"', ESC, "\x7f", "\x07", "文", "\U0001f600", f"{ESC}[1m", f"{ESC}]0;", f"{ESC}P"],
    ids=ascii,
)
@pytest.mark.parametrize("count", [21_000, 44_000, 300_000, 900_000])
def test_whatever_was_printed_one_message_of_a_bounded_size_is_sent(character, count):
    text = character * count
    replay = replay_of(*pieces(text, seed=count))
    assert size(replay.text()) <= LARGEST == 256 * 1024
    assert replay.cut or size(text) < LARGEST
    for _ in range(100):
        replay.append(character * 1000)
        assert size(replay.text()) <= LARGEST


def test_most_of_what_may_be_sent_is_sent():
    for text in (LINES, "文" * 100_000, "\U0001f600" * 100_000):
        assert size(replay_of(text).text()) > LARGEST * 0.9


def test_after_a_cut_it_begins_with_a_line():
    for seed in range(20):
        printed = LINES + "x" * seed  # Else the cut may fall on a line's beginning by chance.
        replay = replay_of(*pieces(printed, seed))
        assert replay.cut
        assert printed.endswith(f"\n{replay.text()}")


def test_several_hundred_megabytes_are_taken_in_quickly_and_little_is_kept():
    replay = Replay()
    read = LINES[:65536]
    start = time.process_time()
    for _ in range(6400):
        replay.append(read)
    # 400 MB; seen: 0.2 s (2 GB/s). The bound is for a machine that is slow.
    assert time.process_time() - start < 20
    kept = sum(len(piece) for piece in replay._pieces)
    assert kept < 400_000


def test_many_tiny_pieces_are_kept_as_few():
    replay = Replay()
    for _ in range(200_000):
        replay.append("文")
    assert len(replay._pieces) < 2000


@pytest.mark.parametrize(
    "sequence",
    [
        f"{ESC}[?1049h", f"{ESC}[?2004h", f"{ESC}[?1003h", f"{ESC}[?1006h", f"{ESC}[?25l",
        f"{ESC}[?1h", f"{ESC}[?7l", f"{ESC}[?1004h", f"{ESC}[4h", f"{ESC}[>1u", f"{ESC}[>4;2m",
        f"{ESC}=", f"{ESC}[2;20r", f"{ESC}[1;38;5;208;4m", f"{ESC}[48;2;1;2;3m",
        f"{ESC}[38:2::1:2:3m",
        f"{ESC}(0", "\x0e",
    ],
    ids=ascii,
)  # fmt: skip
def test_it_begins_in_the_modes_that_were_in_force(sequence):
    plain = begins(replay_of(LINES))
    assert plain == ""
    for seed in range(3):
        assert modes(begins(replay_of(*pieces(sequence + LINES, seed)))) == modes(sequence) != ""
    assert begins(replay_of(sequence, f"{ESC}c", LINES)) == ""


@pytest.mark.parametrize(
    ("on", "off"),
    [
        (f"{ESC}[?1049;2004h", f"{ESC}[?2004l{ESC}[?1049l"),
        (f"{ESC}[?1000h{ESC}[?1006h", f"{ESC}[?1006;1000l"),
        (f"{ESC}[?25l{ESC}[?7l", f"{ESC}[?7;25h"),
        (f"{ESC}[>1u{ESC}[>3u", f"{ESC}[<2u"),
        (f"{ESC}[>4;1m", f"{ESC}[>4m"),
        (f"{ESC}=", f"{ESC}>"),
        (f"{ESC}[2;20r", f"{ESC}[r"),
        (f"{ESC}[1;2;3;4;5;7;8;9;53m", f"{ESC}[22;23;24;25;27;28;29;55m"),
        (f"{ESC}[38;2;1;2;3m{ESC}[44m{ESC}[58;5;1m", f"{ESC}[39m{ESC}[49;59m"),
        (f"{ESC}[31m", f"{ESC}[m"),
        (f"{ESC}[?25l{ESC}[31m{ESC}(0\x0e", f"{ESC}[!p"),
        (f"{ESC}(0\x0e", f"{ESC}(B\x0f"),
    ],
    ids=ascii,
)
def test_what_was_switched_off_again_is_off(on, off):
    assert begins(replay_of(on + LINES)) != ""
    assert begins(replay_of(on + LINES, off + LINES)) == ""


def test_a_keyboard_mode_of_the_other_screen_stays_with_it():
    other = f"{ESC}[>1u{ESC}[?1049h{ESC}[>5u"
    assert begins(replay_of(other + LINES)) == other
    assert begins(replay_of(other, f"{ESC}[<u{ESC}[?1049l", LINES)) == f"{ESC}[>1u"


def test_it_never_begins_within_a_synchronized_update():
    frame = f"{ESC}[?2026h{'x' * 30_000}{ESC}[?2026l"
    for seed in range(10):
        text = replay_of(*pieces(frame * 40, seed)).text()
        assert text.startswith(f"{ESC}[?2026h")
        assert text.count(f"{ESC}[?2026h") == text.count(f"{ESC}[?2026l")
    endless = replay_of(f"{ESC}[?2026h" + LINES).text()
    assert f"{ESC}[?2026h" not in endless


#: What the random output is made of.
WORDS = [
    "plain text", "\r\n", "文字", "\U0001f600", f"{ESC}[31m", f"{ESC}[0m", f"{ESC}[1;4m",
    f"{ESC}[22m",
    f"{ESC}[38;2;10;20;30m", f"{ESC}[39m", f"{ESC}[?25l", f"{ESC}[?25h", f"{ESC}[?1049h",
    f"{ESC}[?1049l", f"{ESC}[?2004h", f"{ESC}[?1000;1006h", f"{ESC}[?1000;1006l", f"{ESC}[>1u",
    f"{ESC}[<u", f"{ESC}[3;10r", f"{ESC}[r", f"{ESC}[12;40H", f"{ESC}[K", f"{ESC}(0", f"{ESC}(B",
    f"{ESC}]0;a title\x07", f"{ESC}]8;;https://a.test/{'x' * 300}{ESC}\\", f"{ESC}7", f"{ESC}8",
    f"{ESC}P1$r0m{ESC}\\", f"{ESC}_Ga=T;{'QUJD' * 2000}{ESC}\\", f"{ESC}=", f"{ESC}>", f"{ESC}M",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_any_output_cut_anywhere_goes_on_between_two_sequences_in_the_right_modes(seed):
    chance = random.Random(seed)
    # Some are rare, so that those that are in force were said long before the cut.
    weights = [chance.choice((1, 100, 3000)) for _ in WORDS]
    words = chance.choices(WORDS, weights, k=chance.randrange(1_000, 60_000))
    words = [*words, *chance.choices(["文字 ", "plain", f"{ESC}[32m"], k=80_000)]
    whole = "".join(words)
    ends = accumulate(map(len, words))
    # Text may begin anywhere, a sequence at its ESC alone.
    inside = {
        n
        for word, end in zip(words, ends, strict=True)
        if word.startswith(ESC)
        for n in range(end - len(word) + 1, end)
    }
    replay = Replay()
    for piece in pieces(whole, seed):
        replay.append(piece)
        if chance.random() < 0.02:
            replay.text()  # Somebody connects in between.
    text = replay.text()
    assert replay.cut
    assert size(text) <= LARGEST
    assert modes(text) == modes(whole)
    starts = [n for n in range(2000) if text[:n] == modes(text[:n]) and whole.endswith(text[n:])]
    assert any(len(whole) - len(text) + start not in inside for start in starts)


@pytest.mark.parametrize("kind", ["]1337;File=:", "P0;1q", "_Ga=T;", "^", "X"])
def test_of_a_sequence_longer_than_all_that_is_kept_nothing_is_shown(kind):
    replay = replay_of(f"before\r\n{ESC}{kind}", *["QUJD" * 10_000] * 40)
    assert replay.cut
    unfinished = replay.text()
    assert len(unfinished) < LARGEST
    assert unfinished.startswith(f"{ESC}]777777;" if kind[0] == "]" else f"{ESC}X")
    replay.append(f"QUJD{ESC}\\after")
    assert replay.text().endswith(f"{ESC}\\after")
    replay.append(LINES)
    assert LINES.endswith(f"\n{replay.text()}")


def test_a_reconnecting_terminal_is_asked_nothing_and_told_nothing_about_the_desktop():
    asked = [
        f"{ESC}[c", f"{ESC}[0c", f"{ESC}[>c", f"{ESC}[>0q", f"{ESC}[=c", f"{ESC}[5n", f"{ESC}[6n",
        f"{ESC}[?6n", f"{ESC}[?996n", f"{ESC}[?2026$p", f"{ESC}[?u", f"{ESC}[14t", f"{ESC}[18t",
        f"{ESC}]10;?\x07", f"{ESC}]11;?{ESC}\\", f"{ESC}]4;1;?\x07", f"{ESC}P+q544e{ESC}\\",
        f"{ESC}P$qm{ESC}\\", f"{ESC}]52;c;QUJD\x07", f"{ESC}]9;done\x07", f"{ESC}Z",
    ]  # fmt: skip
    assert replay_of(*[f"a{query}b" for query in asked]).text() == "ab" * len(asked)
    kept = (
        f"{ESC}[6A{ESC}[5C{ESC}[2;6H{ESC}[>1u{ESC}[<u{ESC}[8;24;80t{ESC}]0;t\x07{ESC}]8;;u{ESC}\\"
    )
    assert replay_of(kept).text() == kept


def test_what_was_kept_is_a_new_beginning():
    old = replay_of(f"{ESC}[?1049h" + LINES)
    new = Replay.restore(old.text() + "more")
    assert new.text() == old.text() + "more"
    assert not new.cut
    for replay in (old, new):
        replay.append(LINES)
    assert old.text() == new.text()


def test_at_a_gap_nothing_stays_unfinished():
    gap = Replay.restore(f"a{ESC}[?2026hb{ESC}]0;half a ti")
    gap.mark_gap()
    gap.append("c")
    assert gap.text() == f"a{ESC}[?2026hb{ESC}[?2026lc"
    assert gap.cut
    whole = Replay.restore("a")
    whole.mark_gap()
    assert whole.text() == "a"
    assert whole.cut


def test_the_last_lines_are_those_that_a_reader_sees():
    replay = replay_of(
        LINES, f"{ESC}[1;31mError:{ESC}[0m no {ESC}]8;;u{ESC}\\link{ESC}]8;;{ESC}\\\r\n\r\n",
        f"  10 %\r  99 %\r{ESC}[Kdone\x08\x08NE\r\n", f"{ESC}[3;1Hat{ESC}[2Ctop{ESC}[4;1Hbelow\r\n",
        f"long line\rshort\r\n{ESC}[?1049l   \r\n{ESC}[3",
    )  # fmt: skip
    assert replay.last_lines(5) == ["Error: no link", "doNE", "at  top", "below", "shortline"]
    assert replay.last_lines(2) == ["below", "shortline"]
    assert replay.last_lines(0) == []
    assert Replay().last_lines(3) == []
    assert replay_of(f"{ESC}]0;{'x' * 300_000}").last_lines(3) == []


def test_a_screen_that_was_drawn_anew_is_whole_until_something_is_missed_again():
    replay = Replay()
    replay.mark_gap()
    assert replay.cut
    replay.mark_redrawn()
    assert not replay.cut
    replay.append("x" * 1_000_000)
    assert replay.cut


def test_words_that_are_put_into_their_columns_are_read_as_a_line():
    replay = Replay()
    replay.append("\x1b[31mUnable\x1b[8Gto\x1b[2Cconnect\x1b[39m\r\n\x1b[3Gabc\x1b[2DX\r\n")
    assert replay.last_lines(2) == ["Unable to  connect", "  aXc"]
