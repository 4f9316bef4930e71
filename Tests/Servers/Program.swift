internal import Glibc

/// A program that is started with nothing but what it is given: no file that the tests have open.
///
/// Foundation's `Process` lets one that lives on keep the pipes of others that were started at the same
/// moment, whose ends then never come.
enum Program {
  /// Starts it, with what it says going to a file.
  /// - Throws: ``PostgresCluster/Fault``.
  static func start(
    _ tool: String, _ arguments: [String], output: String
  ) throws(PostgresCluster.Fault) -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(
      &actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
    let words = unsafe copies(["/bin/bash", "-c", bare, "bash", tool] + arguments)
    let environment = unsafe copies(["PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"])
    defer { unsafe (words + environment).forEach { unsafe free($0) } }
    var process: pid_t = 0
    guard unsafe posix_spawn(&process, "/bin/bash", &actions, nil, words, environment) == 0 else {
      throw PostgresCluster.Fault(description: "\(tool) cannot be started")
    }
    return process
  }

  /// Closes what was left open, and becomes the program.
  private static let bare = """
    cd /
    for file in /proc/self/fd/*; do
      number=${file##*/}
      [ "$number" -gt 2 ] && eval "exec $number>&-"
    done
    exec "$@"
    """

  /// C strings with a nil at their end; the caller frees them.
  private static func copies(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
    var copies: [UnsafeMutablePointer<CChar>?] = unsafe []
    for text in texts { unsafe copies.append(strdup(text)) }
    unsafe copies.append(nil)
    return unsafe copies
  }

  /// Waits for its end.
  /// - Returns: its exit status; -1 where a signal ended it.
  static func wait(for process: pid_t) -> Int32 {
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0 && errno == EINTR {}
    return status & 0x7F == 0 ? status >> 8 & 0xFF : -1
  }

  static var own: pid_t { getpid() }
  static var isRoot: Bool { geteuid() == 0 }
}
