//! Resource limits of a worker, the same for every page.

use rustix::{
    io::Errno,
    process::{Resource, Rlimit, getrlimit, setrlimit},
};

/// Private writable memory, which is all a confined process can get. Beyond it an allocation fails, and the process with it.
const MEMORY_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// The main thread's stack: deep documents and deep recursion end within the script engine's own, smaller bound.
const STACK_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Processor time of one page, its start included: the kernel's first signal tells it, the second ends whoever ignores it.
const PROCESSOR_S_MAX: u64 = 5;
const PROCESSOR_GRACE_S: u64 = 1;
/// Standard input, output and error.
const FILES_MAX: u64 = 3;

pub(super) fn lower() -> Result<(), Errno> {
    lower_to(Resource::Cpu, PROCESSOR_S_MAX, PROCESSOR_S_MAX + PROCESSOR_GRACE_S)?;
    for (resource, limit) in [
        (Resource::Data, MEMORY_BYTES_MAX),
        (Resource::Stack, STACK_BYTES_MAX),
        (Resource::Nofile, FILES_MAX),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
        (Resource::Nproc, 0),
        (Resource::Memlock, 0),
    ] {
        lower_to(resource, limit, limit)?;
    }
    keep_from_neighbours()
}

/// The lasting limit too, so that the process can't raise its own again; a lower one in force stays.
fn lower_to(resource: Resource, current: u64, lasting: u64) -> Result<(), Errno> {
    let lasting = getrlimit(resource).maximum.map_or(lasting, |in_force| in_force.min(lasting));
    setrlimit(resource, Rlimit { current: Some(current.min(lasting)), maximum: Some(lasting) })
}

/// No other process of the same user may look into this one.
#[cfg(target_os = "linux")]
fn keep_from_neighbours() -> Result<(), Errno> {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};

    set_dumpable_behavior(DumpableBehavior::NotDumpable)
}

#[cfg(not(target_os = "linux"))]
fn keep_from_neighbours() -> Result<(), Errno> {
    Ok(())
}
