//! The memory of this process, as Linux tells it.

/// Forgets earlier peaks and returns what is resident now, in bytes. `None` where the system does not tell.
pub(super) fn start() -> Option<u64> {
    // 5: reset the peak.
    std::fs::write("/proc/self/clear_refs", "5").ok()?;
    status("VmRSS:")
}

/// The most that was resident since `start`, beyond what was resident then, in bytes.
pub(super) fn peak_since(start: Option<u64>) -> Option<u64> {
    Some(status("VmHWM:")?.saturating_sub(start?))
}

fn status(key: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
