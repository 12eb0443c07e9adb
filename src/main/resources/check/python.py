"""Reads a Python program on standard input and writes, as JSON, what in it is dangerous or broken.

It parses and walks the tree; nothing of the program runs. Written for Python 3.7 and later.
"""
import ast
import json
import sys
import warnings

FINDINGS_MAX = 500
CODE = "runs text as code"
SHELL = "gives a command line to a shell"
READ = "builds objects, and runs code, from bytes it reads"

# name of the call: severity, code, what it does, what to do
CALLS = {
    "eval": ("error", "PY-eval", CODE, "use ast.literal_eval, or parse the text"),
    "exec": ("error", "PY-eval", CODE, "write the code out"),
    "compile": ("warning", "PY-eval", "makes code of text", "write the code out"),
    "__import__": ("warning", "PY-import", "imports by a name made at run time", "write an import"),
    "importlib.import_module": ("warning", "PY-import", "imports by a name made at run time", "write an import"),
    "os.system": ("error", "PY-shell", SHELL, "use subprocess.run with a list"),
    "os.popen": ("error", "PY-shell", SHELL, "use subprocess.run with a list"),
    "subprocess.getoutput": ("error", "PY-shell", SHELL, "use subprocess.run with a list"),
    "subprocess.getstatusoutput": ("error", "PY-shell", SHELL, "use subprocess.run with a list"),
    "asyncio.create_subprocess_shell": ("error", "PY-shell", SHELL, "use create_subprocess_exec"),
    "pickle.load": ("error", "PY-pickle", READ, "use json"),
    "pickle.loads": ("error", "PY-pickle", READ, "use json"),
    "pickle.Unpickler": ("error", "PY-pickle", READ, "use json"),
    "cPickle.load": ("error", "PY-pickle", READ, "use json"),
    "cPickle.loads": ("error", "PY-pickle", READ, "use json"),
    "dill.load": ("error", "PY-pickle", READ, "use json"),
    "dill.loads": ("error", "PY-pickle", READ, "use json"),
    "marshal.load": ("error", "PY-pickle", READ, "use json"),
    "marshal.loads": ("error", "PY-pickle", READ, "use json"),
    "shelve.open": ("error", "PY-pickle", READ, "use json or sqlite3"),
    "yaml.load": ("warning", "PY-pickle", READ + ", unless its loader is a safe one", "use yaml.safe_load"),
    "yaml.unsafe_load": ("error", "PY-pickle", READ, "use yaml.safe_load"),
    "os.fork": ("warning", "PY-process", "makes another process", "leave processes to the tool's author"),
    "os.kill": ("warning", "PY-process", "signals processes", "leave processes to the tool's author"),
    "os.killpg": ("warning", "PY-process", "signals processes", "leave processes to the tool's author"),
    "os.setsid": ("warning", "PY-process", "leaves its process group", "leave processes to the tool's author"),
    "os.chmod": ("note", "PY-file", "changes who may use a file", "check that it means to"),
    "shutil.rmtree": ("note", "PY-file", "removes whole directories", "check that it means to"),
    "tempfile.mktemp": ("warning", "PY-file", "names a file that somebody else may make first", "use mkstemp"),
}
for spawner in ("run", "call", "check_call", "check_output", "Popen"):
    CALLS["subprocess." + spawner] = ("warning", "PY-process", "starts a program", "check that the tool means to")
for prefix in ("exec", "spawn"):
    for suffix in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe"):
        CALLS["os." + prefix + suffix] = ("warning", "PY-process", "starts a program", "check that the tool means to")

# module: severity, code, what it does, what to do
MODULES = {
    "ctypes": ("error", "PY-native", "reaches past Python into memory and the system", "do without"),
    "cffi": ("error", "PY-native", "reaches past Python into memory and the system", "do without"),
    "mmap": ("note", "PY-native", "maps memory", "check that it means to"),
}
for network in ("socket", "socketserver", "ssl", "http", "urllib", "urllib2", "urllib3", "requests", "httpx",
                "aiohttp", "ftplib", "smtplib", "telnetlib", "xmlrpc", "paramiko"):
    MODULES[network] = ("warning", "PY-network", "uses the network", "give what it needs as an input")


class Walker(ast.NodeVisitor):
    def __init__(self):
        self.found = []
        self.names = {}

    def add(self, line, rule, what):
        if len(self.found) < FINDINGS_MAX:
            severity, code, does, instead = rule
            self.found.append(
                {"line": line, "severity": severity, "code": code, "message": what + " " + does, "advice": instead})

    def module(self, line, name):
        rule = MODULES.get(name.split(".")[0])
        if rule:
            self.add(line, rule, "module " + name)

    def visit_Import(self, node):
        for alias in node.names:
            self.module(node.lineno, alias.name)
            if alias.asname:
                self.names[alias.asname] = alias.name

    def visit_ImportFrom(self, node):
        if node.module and not node.level:
            self.module(node.lineno, node.module)
            for alias in node.names:
                self.names[alias.asname or alias.name] = node.module + "." + alias.name

    def visit_Assign(self, node):
        # run = os.system: the other name for it is followed, one step.
        full = self.name(node.value)
        if full in CALLS:
            for target in node.targets:
                if isinstance(target, ast.Name):
                    self.names[target.id] = full
        self.generic_visit(node)

    def name(self, node):
        if isinstance(node, ast.Name):
            return self.names.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            value = self.name(node.value)
            return value + "." + node.attr if value else None
        if isinstance(node, ast.Call) and self.name(node.func) in ("__import__", "importlib.import_module"):
            return self.constant(node)
        if isinstance(node, ast.Call) and self.name(node.func) == "getattr" and len(node.args) > 1:
            value, attribute = self.name(node.args[0]), getattr(node.args[1], "value", None)
            return value + "." + attribute if value and isinstance(attribute, str) else None
        return None

    @staticmethod
    def constant(call):
        value = getattr(call.args[0], "value", None) if call.args else None
        return value if isinstance(value, str) else None

    def visit_Call(self, node):
        name = self.name(node.func) or ""
        if name.startswith("builtins.") or name.startswith("__builtins__."):
            name = name.split(".", 1)[1]
        rule = CALLS.get(name)
        if name in ("__import__", "importlib.import_module") and self.constant(node):
            self.module(node.lineno, self.constant(node))
        if name.startswith("subprocess.") and self.uses_shell(node):
            rule = ("error", "PY-shell", SHELL, "give a list and leave shell=True out")
        if rule:
            self.add(node.lineno, rule, name + "()")
        self.generic_visit(node)

    @staticmethod
    def uses_shell(node):
        for keyword in node.keywords:
            if keyword.arg == "shell":
                value = getattr(keyword.value, "value", True)
                return bool(value)
        return False


def analyse(source):
    walker = Walker()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
        walker.visit(tree)
    except SyntaxError as e:
        rule = ("error", "PY-syntax", str(e.msg), "mend the syntax")
        walker.add(e.lineno or 1, rule, "is not Python %d.%d:" % sys.version_info[:2])
    except (ValueError, UnicodeDecodeError) as e:
        walker.add(1, ("error", "PY-syntax", str(e), "mend the text"), "is not Python text:")
    except (RecursionError, MemoryError):
        walker.add(1, ("error", "PY-syntax", "nested too deep to be read", "write it flatter"), "is")
    return walker.found


json.dump(analyse(sys.stdin.buffer.read()), sys.stdout)
