//! SQLite on a full disk, stood in for by a limit on file sizes that any user may set.

use crate::common::World;

#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    let mut world = World::sqlite();
    world.run(0);
    let before = world.tables().state();
    world.aws.estate().next_day(1.0);

    let size = std::fs::metadata(world.auditor.dir().join("auditor.sqlite")).unwrap().len();
    // In units of 512 bytes; the shell ignores the signal that a write beyond the limit sends, so that it fails instead.
    let blocks = size / 512 + 8;
    let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    world.auditor = std::mem::replace(&mut world.auditor, crate::common::program())
        .through(&["sh", "-c", &limited, "sh"]);
    let output = world.auditor.run(&["run"]);
    assert!(matches!(output.code, Some(1 | 3)), "{output}");
    assert!(output.stderr.contains("disk") || output.stderr.contains("full"), "{output}");

    world.auditor = std::mem::replace(&mut world.auditor, crate::common::program()).through(&[]);
    let after = world.tables().state();
    assert!(after.len() >= before.len(), "what was stored is still there");
    world.auditor.run(&["verify"]).expect_code(0);
    world.run(0);
    world.auditor.run(&["verify"]).expect_code(0);
}
