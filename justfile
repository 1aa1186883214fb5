# What one types often; what needs logic is in `xtask`.

# List the recipes
default:
    @just --list

# Format everything
fmt:
    cargo fmt --all

# Formatting, workspace rules, clippy
lint:
    cargo fmt --all --check
    cargo xtask lint-workspace
    cargo clippy --workspace --all-targets -- --deny warnings

# Every test, with the servers they need
test *arguments:
    cargo xtask test {{ arguments }}

# Write the files generated from the program
docs:
    cargo xtask docs

# Licences, advisories, bans
deny:
    cargo deny --all-features check

# All that a change must pass
ci:
    .ci/run
