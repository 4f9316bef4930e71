internal import CLinux
internal import Glibc

/// What a process does to itself before it touches keys.
package enum Hardening {
  /// The signals of a crash that Swift's runtime catches to print a report.
  private static let crashes = [SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP]

  /// No core dumps, no looking into the process, no memory in crash reports: memory holds keys.
  ///
  /// A process that is not dumpable leaves no core, be it into a file or a pipe, whatever its limits
  /// and `core_pattern` say; nobody but root attaches a debugger to it or reads its memory and
  /// environment under `/proc`. The limit says the same where a container's seccomp filter forbids
  /// `prctl`: one byte, not none, since a kernel that pipes dumps to a program, as systemd-coredump has
  /// it, takes no notice of a limit of 0, but dumps nothing at a limit of 1. In a file 1 is too little.
  ///
  /// The report that Swift's runtime prints of a crash shows registers and the memory that they point
  /// to, and standard error goes to a log. So crashes are left to the kernel; what a trap says of itself
  /// ("Fatal error", file and line) is still printed.
  package static func forbidCoreDumps() {
    for number in crashes { _ = signal(number, SIG_DFL) }
    var limit = rlimit(rlim_cur: 1, rlim_max: 1)
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    _ = tally_set_dumpable(0)
  }

  /// Where nobody reads what is written any more, the write says so (EPIPE) and the process goes on to
  /// its own exit status, instead of a signal ending it: `check | head` must not hide the verdict.
  package static func ignoreClosedPipes() {
    _ = signal(SIGPIPE, SIG_IGN)
  }

  /// Blocks of 128 KiB and more go back to the system as soon as they are free: a daemon that took many
  /// beats at once does not hold on to the memory for them.
  package static func returnFreeMemory() { tally_return_free_memory() }

  /// Whether the kernel would still dump this process.
  package static var isDumpable: Bool { tally_get_dumpable() != 0 }
}
