#!/usr/bin/env python3
"""A module in Python: writes a setting of the kernel for the next start."""

import json
import os
import sys

PATH = "/etc/sysctl.d/90-swappiness.conf"


def log(level, message):
    print(f"[{level}] [swappiness] {message}")


def check():
    log("OK" if os.path.exists(PATH) else "INFO", f"looked at {PATH}")
    return 0


def apply():
    value = json.loads(os.environ.get("JANUS_OPTIONS_JSON", "{}")).get("value", 60)
    text = f"vm.swappiness = {value}\n"
    try:
        if os.path.exists(PATH) and open(PATH).read() == text:
            return 0
        with open(PATH, "w") as file:
            file.write(text)
    except OSError as error:
        log("ERROR", f"{PATH} cannot be written: {error.strerror}")
        return 1
    log("OK", f"wrote {PATH}")
    return 0


def rollback():
    if os.path.exists(PATH):
        os.remove(PATH)
    return 0


def meta():
    print("id=swappiness\ntype=host\nversion=1.0.0\ncompat_api=1")
    return 0


ACTIONS = {"check": check, "apply": apply, "rollback": rollback, "meta": meta}

if __name__ == "__main__":
    action = ACTIONS.get(sys.argv[1] if len(sys.argv) > 1 else "")
    if action is None:
        print("usage: swappiness.py check|apply|rollback|meta", file=sys.stderr)
        sys.exit(1)
    sys.exit(action())
