"""The modes that a terminal's output has set, and how another terminal is brought into them."""

from __future__ import annotations

import re
from collections.abc import Iterator

#: A full reset, after which nothing said before counts.
_RESET = "\x1bc"

#: Colours and the like; the empty group of a soft reset (`!p`) is a reset of theirs, too.
_SGR = re.compile(r"\x1b\[(?:([\d;:]{0,256})m|!p)")

_MODE = re.compile(
    r"\x1b(?:\[([?>=<!]?)([\d;]{0,64})([hlrup])|\[(>)([\d;]{0,64})(m)|([=>])|([()*+])([0-9A-Za-z<>=`]))"
)

#: The modes that are kept, and what each is in a new terminal: those of xterm and xterm.js
#: that say how output is drawn, or what keys and the mouse send. Not 2026, the synchronized
#: update: a terminal that begins in one would wait for its end.
_ANSI = {4: False, 20: False}
_PRIVATE = {
    **dict.fromkeys((1, 5, 6, 9, 45, 66, 1000, 1002, 1003, 1004, 1005, 1006, 1007), False),
    **dict.fromkeys((1015, 1016, 2004, 2027, 2031), False),
    **dict.fromkeys((7, 25), True),
}
_ALTERNATE_SCREEN = (47, 1047, 1049)
_SYNCHRONIZED = 2026

#: Terminals that know kitty's keyboard keep a stack of about this depth.
_DEEPEST = 16

#: What a code of SGR ends.
_SGR_ENDS = {22: "12", 23: "3", 24: "4", 25: "5", 27: "7", 28: "8", 29: "9", 55: "o"} | {
    39: "f",
    49: "b",
    59: "u",
}
_SGR_BEGINS = {1: "1", 2: "2", 3: "3", 4: "4", 21: "4", 5: "5", 6: "5", 7: "7", 8: "8", 9: "9"} | {
    **dict.fromkeys((*range(30, 39), *range(90, 98)), "f"),
    **dict.fromkeys((*range(40, 49), *range(100, 108)), "b"),
    53: "o",
    58: "u",
}


class TerminalModes:
    """Follows output, in pieces that end between two sequences."""

    def __init__(self) -> None:
        self.in_update = False
        self._reset()

    def follow(self, text: str) -> None:
        """Take in what a terminal was sent."""
        anew = text.rfind(_RESET)
        if anew >= 0:
            self._reset()
            text = text[anew + len(_RESET) :]
        if "\x1b" in text:
            for found in _MODE.finditer(text):
                self._follow_mode(found)
            self._follow_colours(text)
        shifted_out, shifted_in = text.rfind("\x0e"), text.rfind("\x0f")
        if shifted_out != shifted_in:
            self._shifted = shifted_out > shifted_in

    def text(self) -> str:
        """Return what brings a new terminal into these modes."""
        parts = [f"\x1b[>{key};{value}m" for key, value in self._keys.items()]
        parts += _pushed(self._kitty[False])
        if self._alternate is not None:
            parts += [f"\x1b[?{self._alternate}h", *_pushed(self._kitty[True])]
        if self._region:
            parts.append(f"\x1b[{self._region}r")
        parts += [_switch("", mode, on) for mode, on in self._ansi.items()]
        parts += [_switch("?", mode, on) for mode, on in self._private.items()]
        parts += ["\x1b="] if self._keypad else []
        parts += [f"\x1b{slot}{charset}" for slot, charset in self._charsets.items()]
        parts += ["\x0e"] if self._shifted else []
        colours = ";".join(self._colours[what] for what in sorted(self._colours))
        parts += [f"\x1b[{colours}m"] if colours else []
        return "".join(parts)

    def _reset(self) -> None:
        self._ansi: dict[int, bool] = {}
        self._private: dict[int, bool] = {}
        self._keys: dict[int, int] = {}
        self._kitty: dict[bool, list[int]] = {False: [], True: []}
        self._alternate: int | None = None
        self._colours: dict[str, str] = {}
        self._soft_reset()

    def _soft_reset(self) -> None:
        self._region = ""
        self._keypad = False
        self._charsets: dict[str, str] = {}
        self._shifted = False
        self._ansi.clear()
        for mode in (1, 6, 25, 66):
            self._private.pop(mode, None)

    def _follow_mode(self, found: re.Match[str]) -> None:
        sign, numbers, final, keys, key_numbers, _, keypad, slot, charset = found.groups()
        if keypad:
            self._keypad = keypad == "="
        elif slot:
            self._charsets.pop(slot, None)
            if charset != "B":
                self._charsets[slot] = charset
        elif keys:
            self._set_keys(_numbers(key_numbers))
        elif final in "hl" and sign in ("", "?"):
            self._set_modes(sign, _numbers(numbers), final == "h")
        elif final == "r" and not sign:
            self._region = numbers
        elif final == "u" and sign in ("<", ">", "="):
            self._set_kitty(sign, _numbers(numbers))
        elif final == "p" and sign == "!":
            self._soft_reset()

    def _set_modes(self, sign: str, modes: list[int], on: bool) -> None:
        kept, defaults = (self._private, _PRIVATE) if sign else (self._ansi, _ANSI)
        for mode in modes:
            # Removed first, so that they are kept in the order in which they were set.
            kept.pop(mode, None)
            if mode in defaults and defaults[mode] != on:
                kept[mode] = on
            if sign and mode == _SYNCHRONIZED:
                self.in_update = on
            if sign and mode in _ALTERNATE_SCREEN:
                self._alternate = mode if on else None

    def _set_keys(self, numbers: list[int]) -> None:
        """Follow xterm's `modifyOtherKeys` and its kin: ``CSI > KEY ; VALUE m``."""
        key = numbers[0]
        self._keys.pop(key, None)
        if key < 8 and len(numbers) > 1 and 0 < numbers[1] < 256:
            self._keys[key] = numbers[1]

    def _set_kitty(self, sign: str, numbers: list[int]) -> None:
        """Follow kitty's keyboard: ``> u`` pushes, ``< u`` pops, ``= u`` changes flags."""
        stack = self._kitty[self._alternate is not None]
        flags, how = numbers[0] & 31, numbers[1] if len(numbers) > 1 else 1
        if sign == "<":
            del stack[-max(numbers[0], 1) :]
        elif sign == ">":
            stack[:] = [*stack, flags][-_DEEPEST:]
        else:
            before = stack.pop() if stack else 0
            stack.append({2: before | flags, 3: before & ~flags}.get(how, flags))

    def _follow_colours(self, text: str) -> None:
        # The last of equal ones alone counts, and there are few different ones.
        last = dict.fromkeys(reversed(_SGR.findall(text)))
        for parameters in reversed(last):
            for code, field in _fields(parameters):
                if code == 0:
                    self._colours.clear()
                for what in _SGR_ENDS.get(code, ""):
                    self._colours.pop(what, None)
                if code in _SGR_BEGINS:
                    self._colours[_SGR_BEGINS[code]] = field


def _fields(parameters: str) -> Iterator[tuple[int, str]]:
    """Split SGR's parameters; a colour's own stay with it (``38;5;9``, ``38:2::1:2:3``)."""
    words = parameters.split(";")
    while words:
        word = words.pop(0)
        code = int(word.partition(":")[0] or 0)
        if code in (38, 48, 58) and ":" not in word:
            count = {"5": 2, "2": 4}.get(words[0] if words else "", 0)
            word = ";".join([word, *words[:count]])
            del words[:count]
        yield code, word[:64]


def _numbers(text: str) -> list[int]:
    return [int(word or 0) for word in text.split(";")]


def _switch(sign: str, mode: int, on: bool) -> str:
    return f"\x1b[{sign}{mode}{'h' if on else 'l'}"


def _pushed(stack: list[int]) -> list[str]:
    return [f"\x1b[>{flags}u" for flags in stack]
