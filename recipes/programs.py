"""The run of a recipe as a process: one at a time in its folder, what it starts, and how it ends."""
import fcntl
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Programs:
    """Programs that a run starts in `folder`, which end with it."""

    def __init__(self, folder, background):
        sys.excepthook = tell_exception
        self.folder, self.start = folder, pathlib.Path.cwd()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.children = set()
        self.lock, self.ended = threading.Lock(), False  # of `children` and `ended`: nothing is started once the run ends
        self.taken = self.take_folder()
        if background:
            self.go_to_background()
        for number in STOPS:
            if signal.getsignal(number) != signal.SIG_IGN:  # as nohup has it
                signal.signal(number, self.stop)

    def take_folder(self):
        """Two runs in one folder would write the same files. The lock goes with the process, however it ends."""
        file = open(self.folder / ".lock", "a", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"run: {self.folder} is in use by another run of this recipe; wait until it ends, or stop it")
        return file

    def go_to_background(self):
        """A process of its own goes on, with the lock of the folder."""
        log = self.folder / "log"
        with open(log, "ab") as file:
            process = os.fork()
            if process:
                print(f"run: process {process} goes on; see {log}; kill {process} stops it, and the same command goes on from there")
                sys.exit(0)
            os.setsid()
            with open(os.devnull, "rb") as nothing:
                os.dup2(nothing.fileno(), 0)
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)

    def stop(self, number, _):
        # A thread, because the main one may hold the lock.
        threading.Thread(target=self.end, args=(128 + number, "stopped; the same command goes on from here", True)).start()

    def end(self, status, message=None, signalled=False):
        """Ends the run, from whatever thread, when all that it started has ended: trainings save their state at SIGTERM, and end at once at
        the next one."""
        with self.lock:
            first, self.ended = not self.ended, True
            children = list(self.children)
        if first and message:
            print(f"run: {message}", file=sys.stderr, flush=True)
        for child in children if first or signalled else []:
            try:
                os.killpg(child.pid, signal.SIGTERM)
            except ProcessLookupError:  # has ended
                pass
        for child in children:
            child.wait()
        if not first:
            threading.Event().wait()  # for the end
        try:
            sys.stdout.flush()
        finally:
            os._exit(status)

    def fail(self, message):
        self.end(1, message)

    def started(self, words, **how):
        with self.lock:
            if not self.ended:
                # A session of its own: Ctrl-C is told to the run alone, which tells each child once.
                process = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, start_new_session=True, **how)
                self.children.add(process)
                return process
        threading.Event().wait()

    def ended_well(self, process):
        """Of a process whose output was read to its end; one that ends because the run does says nothing."""
        process.wait()
        with self.lock:
            self.children.discard(process)
            ended = self.ended
        if ended:
            threading.Event().wait()
        return process.returncode == 0

    def program(self, *words, log=None, name=None):
        """Runs a program; its standard output. One that fails ends the run with the last line that it said. Standard error goes to `log`
        as it comes, or else into the file `commands.log` when the program has ended."""
        name = name or pathlib.Path(words[0]).name
        if log:
            with open(log, "ab") as file:
                begin = os.path.getsize(log)
                process = self.started(words, stdout=subprocess.PIPE, stderr=file)
            output = process.communicate()[0]
        else:
            process = self.started(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            output, errors = process.communicate()
        good = self.ended_well(process)
        if log:
            said = pathlib.Path(log).read_bytes()[begin:]
        else:
            said, log = errors, self.folder / "commands.log"
            with self.lock, open(log, "ab") as file:
                file.write(f"{clock()} {' '.join(str(word) for word in words)}\n".encode() + said)
        if not good:
            last = said.decode(errors="replace").replace("\r", "\n").strip().splitlines()
            code = process.returncode
            why = f" by signal {-code} ({signal.strsignal(-code)})" if code < 0 else "" if last else f" with status {code}"
            self.fail(f"{name} failed{why}" + (f": {last[-1]}" if last else "") + f" ({self.shown(log)})")
        return output.decode(errors="replace")

    def shown(self, file):
        """A path as seen from where the run was called."""
        return os.path.relpath(file, self.start)


def tell_exception(kind, error, trace):
    """A full disk and the like are no fault of the program."""
    if issubclass(kind, OSError):
        print(f"run: {error}", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


def clock():
    return time.strftime("%H:%M:%S")
