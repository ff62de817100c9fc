"""The kinds of rows of flags: a command with the flag and without, and what differs."""
import resource
import subprocess
import sys

from checks import check
from option_runs import Run, heed, out


class Flag:
    """A command, and the words that are added to it: or, where they begin with the command's name, stand in its place."""

    def __init__(self, usual, added, sees=out, stdin=b""):
        self.usual, self.sees, self.stdin = usual, sees, stdin
        self.changed = added if added.split()[0] == usual.split()[0] else usual + " " + added


class Threads:
    """In little address space with large stacks a command has room for one thread, not for twelve."""

    def __init__(self, command):
        self.command = command

    def check(self, what):
        limits = [(resource.RLIMIT_STACK, 256 << 20), (resource.RLIMIT_AS, 1500 << 20)]
        statuses = [Run(f"{self.command} --threads {threads}", limits=limits).status for threads in (1, 12)]
        check(what, statuses, [0, 1])


class Memory:
    """Sentences that are computed together need more memory than one alone, by so many KB."""

    def __init__(self, command, more=3000):
        self.command, self.more = command, more

    def check(self, what):
        peaks = []
        for batch in (1, 1000):
            code = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); " \
                "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
            words = f"{self.command} --batch {batch}".split()
            peaks.append(int(subprocess.run([sys.executable, "-c", code, heed] + words, stdout=subprocess.PIPE, check=True).stdout))
        check(f"{what}: {peaks} KB", peaks[1] > peaks[0] + self.more)
