#!/usr/bin/env python3
"""Sets the frequency governor of all processors at every boot.

An example of a module that is a program: it answers `meta`, `check`, `apply` and `rollback`, logs one line
"[LEVEL] message" at a time, and ends with 0 (success), 1 (expected failure) or 2 and above (its own failure).
Options: governor (default "performance"), file (where the setting goes).
"""

import glob
import json
import os
import sys

ID = "cpu-governor"
MARK = "# Written by the Janus module cpu-governor.\n"
GOVERNORS = "/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor"


class Refused(Exception):
    """An expected failure: the machine or the options are not fit."""


def log(level, message):
    print(f"[{level}] [{ID}] {message}", flush=True)


def options():
    given = json.loads(os.environ.get("JANUS_OPTIONS_JSON", "{}"))
    governor = given.get("governor", "performance")
    if not isinstance(governor, str) or not governor.isalpha():
        raise Refused("governor must be a word, as scaling_available_governors lists them")
    return governor, str(given.get("file", "/etc/tmpfiles.d/janus-cpu-governor.conf"))


def is_ours(path):
    with open(path, encoding="utf-8") as file:
        return file.readline() == MARK


def meta():
    print(f"id={ID}\ntype=cpu\nversion=0.1.0\ncompat_api=1")


def check():
    governors = set()
    for path in sorted(glob.glob(GOVERNORS)):
        with open(path, encoding="utf-8") as file:
            governors.add(file.read().strip())
    if not governors:
        log("OK", "the kernel does not set the frequency of these processors, there is nothing to choose")
    elif governors == {"performance"}:
        log("OK", "all processors run at full frequency")
    else:
        log("WARN", f"governors: {', '.join(sorted(governors))}; a virtual machine may see its processors slow down")


def apply():
    governor, path = options()
    if os.path.exists(path) and not is_ours(path):
        raise Refused(f"{path} is somebody else's, it is left alone")
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        file.write(f"{MARK}w {GOVERNORS} - - - - {governor}\n")
    os.replace(f"{path}.new", path)
    log("OK", f"{path} chooses {governor} at every boot")


def rollback():
    _, path = options()
    if os.path.exists(f"{path}.new"):
        os.remove(f"{path}.new")
    if not os.path.exists(path):
        log("OK", "there is nothing to roll back")
    elif is_ours(path):
        os.remove(path)
        log("OK", f"{path} is removed")
    else:
        log("WARN", f"{path} is somebody else's, it is left alone")


ACTIONS = {"meta": meta, "check": check, "apply": apply, "rollback": rollback}


def main(arguments):
    if len(arguments) != 1 or arguments[0] not in ACTIONS:
        log("ERROR", f"usage: {os.path.basename(sys.argv[0])} {{{'|'.join(ACTIONS)}}}")
        return 1
    try:
        ACTIONS[arguments[0]]()
    except Refused as refusal:
        log("ERROR", str(refusal))
        return 1
    except OSError as error:
        log("CRITICAL", str(error))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
