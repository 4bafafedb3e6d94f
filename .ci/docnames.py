"""Whether what a Markdown page names is there: types, files, folders, links, calls of simctl."""

import glob
import os
import re
import subprocess


def prose(text):
    """(line number, span in backticks) outside of code blocks and of what is somebody else's."""
    inside = foreign = False
    for number, line in enumerate(text.split("\n"), 1):
        foreign = (foreign or line.startswith("<!-- names:")) and not line.startswith("#")
        if line.lstrip().startswith("```"):
            inside = not inside
        elif not inside and not foreign:
            for span in re.findall(r"`([^`]+)`", line):
                yield number, span


class Names:
    """What the repository and simctl have. `check` gives (place, problem) of a page."""

    def __init__(self, root, simctl):
        self.root, self.simctl, self.help = root, simctl, {}
        self.declared, self.files, tests, texts = set(), set(), [], []
        for path in glob.glob(os.path.join(root, "Sources/**/*.swift"), recursive=True) + glob.glob(
                os.path.join(root, "Tests/**/*.swift"), recursive=True):
            name = os.path.basename(path)
            self.files.add(name)
            self.declared.add(os.path.splitext(name)[0])
            with open(path, encoding="utf-8") as file:
                text = file.read()
            texts.append(text)
            if os.sep + "Tests" + os.sep in path:
                tests += re.findall(r"\b(?:struct|func|class|enum) (\w+)", text)
        self.tests = "\n".join(tests)
        self.words = set(re.findall(r"\w+", "\n".join(texts)))
        overview = subprocess.run([simctl, "--help"], stdout=subprocess.PIPE, check=True).stdout.decode()
        self.commands = set(re.findall(r"^  ([a-z-]+(?: [a-z-]+)?)(?:  |$)", overview, re.MULTILINE))
        self.groups = {name.split()[0] for name in self.commands if " " in name}

    def check(self, page, text):
        for number, span in prose(text):
            problem = self.problem(span)
            if problem:
                yield f"{page}:{number}", problem
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
            if not re.match(r"[a-z]+:", target) and not self.is_there(os.path.dirname(page), target):
                yield page, f"a link to {target}, which is not there"
        if page == "Docs/Architecture.md":
            yield from ((page, problem) for problem in self.folders(text))

    def is_there(self, *path):
        return bool(glob.glob(os.path.join(self.root, *path)))

    def problem(self, span):
        """What is wrong with a span in backticks."""
        if re.fullmatch(r"(Sources|Tests|Docs|Configs|Baselines|Examples|\.ci)/[\w./+*-]+", span):
            return None if self.is_there(span) or "NAME" in span else f"there is no {span}"
        if re.fullmatch(r"(AccelSim|SystolicCore|simctl)/[\w./+]+", span):
            return None if self.is_there("Sources", span) else f"there is no Sources/{span}"
        if re.fullmatch(r"[A-Z]\w+\+?\w*\.swift", span):
            return None if span in self.files else f"there is no file {span}"
        # A type, a property, a key of a file: each of its words must be somewhere.
        if re.fullmatch(r"[A-Z][a-z]+[A-Z]\w*|[a-z]+[A-Z]\w*(\.[a-z]\w*)*", span):
            for word in span.split("."):
                if word not in self.words and word not in self.declared:
                    return f"nothing in Sources or Tests is called {word}"
        if re.match(r"simctl [a-z]", span):
            return self.call(span)
        return None

    def call(self, span):
        """What is wrong with a call of simctl: its subcommand and its options must exist."""
        words = span.split()
        name = words[1]
        if name in self.groups and len(words) > 2:
            name = f"{name} {words[2]}"
        if name in self.groups or name == "help":
            return None
        if name not in self.commands:
            return f"simctl has no subcommand '{name}'"
        if name not in self.help:
            self.help[name] = subprocess.run(
                [self.simctl, *name.split(), "--help"], stdout=subprocess.PIPE, check=False).stdout.decode()
        known = set(re.findall(r"--[a-z][\w-]*", self.help[name]))
        for option in re.findall(r"(?<!\S)--[a-z][\w-]*", span):
            if option not in known:
                return f"simctl {name} has no option {option}"
        return None

    def folders(self, text):
        """The picture of the modules must have every folder of theirs."""
        for path in glob.glob(os.path.join(self.root, "Sources/*/*/")):
            folder = os.path.relpath(path, os.path.join(self.root, "Sources"))
            name = os.path.basename(folder)
            row = re.search(rf"^\|.*`(\w+/)?{name}`.*\|", text, re.MULTILINE)
            if not folder.startswith("simctl") and not row:
                yield f"no row for the folder {folder}"
