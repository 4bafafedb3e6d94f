"""The code blocks of a Markdown page: what they say, and whether that is what was printed."""

import re

MARKS = ["run", "setup", "prints", "exit", "file", "check", "from"]


class Block:
    """A fenced block: where, its language, its lines and the marks above it."""

    def __init__(self, page, line, language, lines, marks, before, follows):
        self.page, self.line, self.language, self.lines = page, line, language, lines
        self.marks, self.before, self.follows = marks, before, follows

    def __str__(self):
        return f"{self.page}:{self.line}"

    def mark(self, name):
        values = [value for key, value in self.marks if key == name]
        return values[-1] if values else None


def blocks(page, text):
    """The fenced blocks of a page. `follows`: only blank lines and marks since the last one's end."""
    found, marks, before, follows = [], [], "", False
    lines = text.split("\n")
    index = 0
    while index < len(lines):
        line = lines[index]
        fence = re.match(r"^( *)(```+)\s*([\w-]*)\s*$", line)
        mark = re.match(r"^\s*<!--\s*(\w+):\s*(.*?)\s*-->\s*$", line)
        if fence:
            indent, ticks, language = fence.groups()
            begin = index
            index += 1
            inside = []
            while index < len(lines) and lines[index].strip() != ticks:
                inside.append(lines[index].removeprefix(indent))
                index += 1
            if index == len(lines):
                raise ValueError(f"{page}:{begin + 1}: a code block without an end")
            found.append(Block(page, begin + 1, language, inside, marks, before, follows))
            marks, before, follows = [], "", True
        elif mark and mark.group(1) in MARKS:
            marks = marks + [mark.groups()]
        elif line.strip():
            marks, before, follows = [], line.strip(), False
        index += 1
    return found


def commands(lines):
    """Logical lines of a shell block: joined where a backslash ends one; comments and blanks left out."""
    found, whole = [], ""
    for line in lines:
        whole += line.rstrip()
        if whole.endswith("\\"):
            whole = whole[:-1].rstrip() + " "
            continue
        whole = re.sub(r"\s+#\s.*$", "", re.sub(r" {2,}", " ", whole.strip()))
        if whole and not whole.startswith("#"):
            found.append(whole)
        whole = ""
    return found


def transcript(lines):
    """(command, output lines) for each `$ `."""
    found, index = [], 0
    while index < len(lines):
        command = lines[index][2:]
        index += 1
        while command.endswith("\\") and index < len(lines):
            command = command[:-1].rstrip() + " " + lines[index].strip()
            index += 1
        output = []
        while index < len(lines) and not lines[index].startswith("$ "):
            output.append(lines[index])
            index += 1
        found.append((command, output))
    return found


def difference(expected, actual):
    """What of `expected` is not in `actual`; None if all is. `...` stands for any lines."""
    def clean(lines):
        lines = [line.rstrip() for line in lines]
        while lines and not lines[-1]:
            lines.pop()
        while lines and not lines[0]:
            lines.pop(0)
        return lines
    expected, actual = clean(expected), clean(actual)
    parts, part = [], []
    for line in expected:
        if line.strip() == "...":
            parts.append(part)
            part = []
        else:
            part.append(line)
    parts.append(part)
    place = 0
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if number == 0:
            if actual[:len(part)] != part or (last and len(actual) != len(part)):
                return first_difference(part, actual)
            place = len(part)
        elif last and not part:
            return None
        elif last:
            if actual[len(actual) - len(part):] != part or len(actual) - len(part) < place:
                return first_difference(part, actual[max(place, len(actual) - len(part)):])
        else:
            starts = [at for at in range(place, len(actual) - len(part) + 1)
                      if actual[at:at + len(part)] == part]
            if not starts:
                return f"  not printed: {part[0] if part else ''} (or what stands below it)"
            place = starts[0] + len(part)
    return None


def first_difference(expected, actual):
    for index in range(max(len(expected), len(actual))):
        wanted = expected[index] if index < len(expected) else None
        printed = actual[index] if index < len(actual) else None
        if wanted != printed:
            return f"  page:    {wanted}\n  printed: {printed}"
    return None
