"""Golden pairs: domain XML and the facts that it must give.

Run as a script, this parses every pair with the standard library's parser and compares: any
Python from 3.8 on can do that, without pytest and lxml. With --write it renews the JSON files,
for a person to read through before they are committed.
"""

import importlib
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DOMAINS = os.path.join(HERE, "fixtures", "domains")


def names():
    """The names of the pairs."""
    files = {name.split(".")[0] for name in os.listdir(DOMAINS) if name.endswith(".xml")}
    return sorted(files)


def texts(name):
    """The live and the persistent XML of a pair; an archived one is persistent only."""

    def read(suffix):
        path = os.path.join(DOMAINS, name + suffix)
        if not os.path.exists(path):
            return None
        with open(path, "rb") as stream:
            return stream.read()

    return read(".live.xml"), read(".config.xml") or read(".xml")


def facts(name, backend):
    """The facts of a pair, read by one of the parsers."""
    from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts

    live, config = texts(name)
    return domain_facts(live, config, backend=backend)


def path(name):
    """The file with the expected facts."""
    return os.path.join(DOMAINS, name + ".json")


def expected(name):
    """The expected facts."""
    with open(path(name), encoding="utf-8") as stream:
        return json.load(stream)


def import_all():
    """Import what runs on hypervisors; the entry points' options alone need Ansible."""
    package = "ansible_collections.virtledger.libvirt.plugins.module_utils"
    folder = os.path.join(os.path.dirname(HERE), "plugins", "module_utils")
    for name in sorted(os.listdir(folder)):
        if name.endswith(".py") and name not in ("__init__.py", "_module.py"):
            importlib.import_module(package + "." + name[:-3])


def main():
    sys.path.insert(0, os.path.join(os.path.dirname(HERE), ".build", "collections"))
    import_all()
    wrong = 0
    for name in names():
        found = json.loads(json.dumps(facts(name, "stdlib")))
        if "--write" in sys.argv:
            with open(path(name), "w", encoding="utf-8") as stream:
                json.dump(found, stream, indent=1, sort_keys=True)
                stream.write("\n")
        elif found != expected(name):
            wrong += 1
            print(
                "{0}: {1} differ".format(
                    name, [k for k in found if found[k] != expected(name).get(k)]
                )
            )
    print("Python {0}.{1}: {2} pairs, {3} wrong".format(*sys.version_info[:2], len(names()), wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
