"""Writes the demo estate: `python3 config/demo/generator` (Python 3.10 or later, standard library only).

`--check` writes nothing and exits with 1 if the committed files differ from what would be written.
"""

import sys
from pathlib import Path

sys.dont_write_bytecode = True

import data_platform, legacy, payments, production, sandbox, security, shared_services  # noqa: E401, E402

ESTATE = (production, payments, data_platform, sandbox, legacy, security, shared_services)


def estate(month):
    """Every account in a month. What names another account's roles is told the whole estate."""
    accounts = {module.__name__: module.september() for module in ESTATE}
    if month == "2026-10":
        for module in ESTATE:
            module.october(accounts[module.__name__], accounts)
            accounts[module.__name__].october = True
    return accounts.values()


def main():
    here = Path(__file__).resolve().parent.parent
    wanted = {}
    for month in ("2026-09", "2026-10"):
        for account in estate(month):
            for name, text in account.files().items():
                wanted[here / month / f"{account.id}-{account.name}" / name] = text
    present = {path for month in ("2026-09", "2026-10") for path in (here / month).rglob("*") if path.is_file()}
    different = [path for path, text in wanted.items() if path not in present or path.read_text("utf-8") != text]
    different += sorted(present - wanted.keys())
    if "--check" in sys.argv[1:]:
        for path in different:
            print(f"{path.relative_to(here)} is not what the generator writes", file=sys.stderr)
        sys.exit(bool(different))
    for path in present - wanted.keys():
        path.unlink()
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
