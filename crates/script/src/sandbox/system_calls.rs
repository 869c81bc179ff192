//! The system calls a worker may make; any other ends it.
//!
//! None opens, connects, signals another process, starts one, or sleeps: a worker can wait for its input only, so that it
//! never outlives the engine for longer than its processor time.

use std::env::consts::ARCH;

use libc::{
    FUTEX_PRIVATE_FLAG, FUTEX_WAKE, MAP_ANONYMOUS, MAP_PRIVATE, MAP_TYPE, PROT_EXEC, STDERR_FILENO,
    STDIN_FILENO, STDOUT_FILENO, SYS_brk, SYS_clock_gettime, SYS_exit, SYS_exit_group, SYS_futex, SYS_getpid,
    SYS_getrandom, SYS_gettid, SYS_gettimeofday, SYS_madvise, SYS_mmap, SYS_mprotect, SYS_mremap, SYS_munmap,
    SYS_read, SYS_restart_syscall, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_sched_yield,
    SYS_sigaltstack, SYS_tgkill, SYS_write, c_int,
};
use rustix::process::getpid;
use seccompiler::{
    BackendError, BpfProgram, Error, SeccompAction, SeccompCmpArgLen::Dword, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, apply_filter,
};

/// Memory, the clock, random numbers for hash maps, and what the runtime needs to end or abort.
const ALLOWED: [libc::c_long; 17] = [
    SYS_brk,
    SYS_clock_gettime,
    SYS_exit,
    SYS_exit_group,
    SYS_getpid,
    SYS_getrandom,
    SYS_gettid,
    SYS_gettimeofday,
    SYS_madvise,
    SYS_mremap,
    SYS_munmap,
    SYS_restart_syscall,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sched_yield,
    SYS_sigaltstack,
];

/// Installs the filter in this process; there is no way back.
pub(super) fn forbid() -> Result<(), Error> {
    apply_filter(&filter().map_err(Error::from)?)
}

fn filter() -> Result<BpfProgram, BackendError> {
    let mut rules = conditional()?;
    rules.extend(ALLOWED.map(|call| (call, Vec::new())));
    SeccompFilter::new(
        rules.into_iter().collect(),
        SeccompAction::KillProcess,
        SeccompAction::Allow,
        ARCH.try_into()?,
    )?
    .try_into()
}

/// Calls that are allowed with some arguments only.
fn conditional() -> Result<Vec<(libc::c_long, Vec<SeccompRule>)>, BackendError> {
    let not_executable = || is(2, SeccompCmpOp::MaskedEq(bits(PROT_EXEC)), 0);
    let own_memory = bits(MAP_TYPE | MAP_ANONYMOUS);
    let own_memory = is(3, SeccompCmpOp::MaskedEq(own_memory), bits(MAP_PRIVATE | MAP_ANONYMOUS))?;
    let own_process = bits(getpid().as_raw_nonzero().get());
    Ok(vec![
        (SYS_read, vec![only(vec![equals(0, STDIN_FILENO)?])?]),
        (SYS_write, vec![only(vec![equals(0, STDOUT_FILENO)?])?, only(vec![equals(0, STDERR_FILENO)?])?]),
        (SYS_mmap, vec![only(vec![not_executable()?, own_memory])?]),
        (SYS_mprotect, vec![only(vec![not_executable()?])?]),
        // Unwinding says that its tables are initialised, to nobody; waiting for another thread would be a sleep.
        (
            SYS_futex,
            vec![only(vec![is(1, SeccompCmpOp::MaskedEq(!bits(FUTEX_PRIVATE_FLAG)), bits(FUTEX_WAKE))?])?],
        ),
        // `abort` signals the process itself.
        (SYS_tgkill, vec![only(vec![is(0, SeccompCmpOp::Eq, own_process)?])?]),
    ])
}

fn only(conditions: Vec<SeccompCondition>) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(conditions)
}

fn equals(argument: u8, value: c_int) -> Result<SeccompCondition, BackendError> {
    is(argument, SeccompCmpOp::Eq, bits(value))
}

fn is(argument: u8, operator: SeccompCmpOp, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, Dword, operator, value)
}

fn bits(value: c_int) -> u64 {
    u64::from(value.cast_unsigned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_compiles() {
        assert!(!filter().unwrap().is_empty());
    }
}
