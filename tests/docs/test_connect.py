"""What people are told to type is what the tests run a real Asterisk with."""

import re
from pathlib import Path

TOP = Path(__file__).parents[2]
SHIPPED = (TOP / "asterisk-config" / "manager.conf").read_text("utf-8").splitlines()
HOW_TO = (TOP / "docs" / "how-to" / "connect-your-asterisk.md").read_text("utf-8")


def test_the_ami_user_of_the_how_to_is_the_one_we_ship():
    told = re.findall(r"```ini\n(.*?)```", HOW_TO, re.DOTALL)[0].splitlines()
    settings = [line for line in told if " = " in line and not line.startswith("secret")]

    assert "read = system,call,agent,user,dtmf" in settings
    assert [line for line in settings if line not in SHIPPED] == []


def test_every_class_and_variable_we_ask_for_says_what_it_costs_to_be_without():
    asked = {
        key: line for line in SHIPPED for key in ("read", "write") if line.startswith(f"{key} =")
    }
    costs = HOW_TO.partition("## What each setting costs")[2]

    for key, line in asked.items():
        for name in line.partition(" = ")[2].split(","):
            assert f"`{key}` class `{name}`" in costs
    variables = next(line for line in SHIPPED if line.startswith("channelvars = "))
    for name in variables.partition(" = ")[2].split(","):
        assert f"`{name}`" in costs
