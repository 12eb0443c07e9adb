"""Serves a Python function as a persistent worker, without starting Python for each run.

    python3 stoker_worker.py MODULE:FUNCTION --persistent_worker

imports MODULE once (a module's name, or the path of a .py file) and calls FUNCTION for each line of
Bazel's JSON worker protocol on standard input: with the request's arguments, each a str; one that is
"--json=TEXT" becomes keyword arguments from that JSON object. What it prints comes first in the
output, then what it returns: bytes and str as they are, None as nothing, anything else as JSON.
An exception is exit code 1 with the traceback; SystemExit is its code.

The working directory is the request's own directory while the function runs, as long as there is one
request at a time. With several at once (worker.multiplex) a process has no working directory of its
own for each: a function that has a parameter `directory` gets the path there, absolute, in both cases.

Nothing that the function or its children print can come among the answers: standard output is
pointed at standard error before MODULE is imported, and what the function prints through sys.stdout
or print is caught for its own request.

Without --persistent_worker it runs FUNCTION once, with the arguments that follow; one that is "@FILE"
stands for the lines of that file.

Needs Python 3.9 or newer, and nothing else.
"""

import contextvars
import importlib
import importlib.util
import inspect
import io
import json
import os
import sys
import threading
import traceback

FLAG = "--persistent_worker"
JSON = "--json="

_caught = contextvars.ContextVar("caught", default=None)


class _Prints(io.TextIOBase):
    """What stands in for sys.stdout: each request's own text, or standard error outside of any."""

    encoding = "utf-8"
    errors = "replace"

    def writable(self):
        return True

    def write(self, text):
        caught = _caught.get()
        (sys.stderr if caught is None else caught).write(text)
        return len(text)

    def flush(self):
        if _caught.get() is None:
            sys.stderr.flush()


def load(name):
    """The function that MODULE:FUNCTION names."""
    module_name, colon, function_name = name.rpartition(":")
    if not colon or not module_name or not function_name:
        raise SystemExit("stoker_worker: %r is not MODULE:FUNCTION" % name)
    if module_name.endswith(".py"):
        path = os.path.abspath(module_name)
        sys.path.insert(0, os.path.dirname(path))
        spec = importlib.util.spec_from_file_location(
            os.path.splitext(os.path.basename(path))[0], path
        )
        if spec is None or not os.path.exists(path):
            raise SystemExit("stoker_worker: there is no file %s" % path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    else:
        module = importlib.import_module(module_name)
    function = module
    for part in function_name.split("."):
        function = getattr(function, part)
    return function


def call(function, arguments, directory):
    """Calls it; returns its exit code and output."""
    caught = io.StringIO()
    token = _caught.set(caught)
    code = 0
    result = None
    try:
        positional, named = _read(arguments)
        if "directory" not in named and _takes_directory(function):
            named["directory"] = directory
        result = _text(function(*positional, **named))
    except SystemExit as leaving:
        code, result = _exit(leaving.code)
    except BaseException:  # pylint: disable=broad-except
        code, result = 1, traceback.format_exc()
    finally:
        _caught.reset(token)
    printed = caught.getvalue()
    return code, printed + (result or "")


def _read(arguments):
    positional, named = [], {}
    for argument in arguments:
        if argument.startswith(JSON):
            value = json.loads(argument[len(JSON) :])
            if not isinstance(value, dict):
                raise ValueError("%s needs a JSON object" % JSON)
            named.update(value)
        else:
            positional.append(argument)
    return positional, named


def _takes_directory(function):
    try:
        return "directory" in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False


def _text(result):
    if result is None:
        return ""
    if isinstance(result, str):
        return result
    if isinstance(result, (bytes, bytearray)):
        return bytes(result).decode("utf-8", "replace")
    return json.dumps(result, ensure_ascii=False)


def _exit(code):
    if code is None:
        return 0, ""
    if isinstance(code, int):
        return code & 0xFF, ""
    return 1, str(code) + "\n"


class Server:
    """Reads requests and answers them."""

    def __init__(self, function, requests, answers):
        self._function = function
        self._requests = requests
        self._answers = answers
        self._lock = threading.Lock()
        self._home = os.getcwd()

    def serve(self):
        for line in self._requests:
            if not line.strip():
                continue
            request = json.loads(line)
            if request.get("cancel"):
                continue  # A Python function cannot be broken off: Stoker ends the process.
            if request.get("requestId", 0):
                threading.Thread(target=self._several, args=(request,), daemon=True).start()
            else:
                self._one(request)

    def _one(self, request):
        directory = self._directory(request)
        os.chdir(directory)
        try:
            code, output = call(self._function, request.get("arguments", ()), directory)
        finally:
            os.chdir(self._home)
        self._answer(0, code, output)

    def _several(self, request):
        code, output = call(
            self._function, request.get("arguments", ()), self._directory(request)
        )
        self._answer(request["requestId"], code, output)

    def _directory(self, request):
        return os.path.join(self._home, request.get("sandboxDir", ""))

    def _answer(self, number, code, output):
        # ASCII only: a lone surrogate is then an escape, which is JSON, and not a broken line.
        line = json.dumps({"exitCode": code, "output": output, "requestId": number})
        with self._lock:
            self._answers.write(line.encode("ascii") + b"\n")
            self._answers.flush()


def _expand(arguments):
    for argument in arguments:
        if argument.startswith("@"):
            with open(argument[1:], encoding="utf-8") as lines:
                yield from lines.read().splitlines()
        else:
            yield argument


def main(argv):
    if len(argv) < 2 or argv[1] in ("-h", "--help"):
        print(__doc__)
        return 0 if len(argv) > 1 else 2
    rest = argv[2:]
    if FLAG not in rest:
        function = load(argv[1])
        out = sys.stdout
        sys.stdout = _Prints()
        code, output = call(function, list(_expand(rest)), os.getcwd())
        out.write(output)
        out.flush()
        return code
    answers = os.fdopen(os.dup(1), "wb")
    requests = os.fdopen(os.dup(0), "rb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdin = open(os.devnull, encoding="utf-8")  # pylint: disable=consider-using-with
    sys.stdout = _Prints()
    Server(load(argv[1]), requests, answers).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
