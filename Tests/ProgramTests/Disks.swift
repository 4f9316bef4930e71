import Foundation

/// Disks that cannot be written.
///
/// Where the kernel lets the test mount, they are real file systems of their own: read-only, or full.
/// In a container without that right the folder's mode takes the place of the first, for a process
/// without root's leave to ignore modes, and a small `/dev/shm` that of the second.
extension Stage {
  /// What makes a mount of one's own: root has the right, anyone else takes a user namespace.
  private static let unshare =
    (getuid() == 0 ? [] : ["--user", "--map-root-user"]) + ["--mount"]

  private func mayMount() async throws -> Bool {
    try await run("unshare", Self.unshare + ["mount", "-t", "tmpfs", "tmpfs", folder.path])
      .status == 0
  }

  /// Runs a program that file modes bind even where the test is root's.
  func unprivileged(_ program: String, _ arguments: [String]) async throws -> Outcome {
    guard getuid() == 0 else { return try await run(program, arguments) }
    let words = ["--bounding-set=-dac_override,-dac_read_search", try Programs.path(program)]
    return try await run("setpriv", words + arguments)
  }

  /// Runs a program that cannot write to this stage's folder, nor to a folder in it.
  /// - Returns: its outcome, and the word that its message must have.
  func readOnly(
    _ program: String, _ arguments: [String]
  ) async throws -> (outcome: Outcome, cause: String) {
    guard try await mayMount() else {
      try await done("find", [".", "-type", "d", "-exec", "chmod", "a-w", "{}", ";"])
      let outcome = try await unprivileged(program, arguments)
      try await done("find", [".", "-type", "d", "-exec", "chmod", "u+w", "{}", ";"])
      return (outcome, "permission")
    }
    let script = """
      mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" || exit 99
      touch "$0/.probe" 2>/dev/null && exit 98
      exec "$@"
      """
    return (try await inMount(script, folder.path, program, arguments), "read-only")
  }

  /// Runs a program to which the folder FULL of this stage is a disk with no free block.
  func full(_ program: String, _ arguments: [String]) async throws -> Outcome {
    let fill = """
      cat /dev/zero >"$0/ballast" 2>/dev/null
      echo x 2>/dev/null >"$0/probe" && exit 98
      rm -f "$0/probe"

      """
    if try await mayMount() {
      let mount = "mkdir -p \"$0\" && mount -t tmpfs -o size=64k tmpfs \"$0\" || exit 99\n"
      return try await inMount(mount + fill + "exec \"$@\"", path("full"), program, arguments)
    }
    let attributes = try FileManager.default.attributesOfFileSystem(forPath: "/dev/shm")
    guard let size = attributes[.systemSize] as? Int, size <= 1 << 30 else {
      throw TestFault("this test needs the right to mount (CAP_SYS_ADMIN), or a small /dev/shm")
    }
    let shared = "/dev/shm/\(folder.lastPathComponent)"
    try FileManager.default.createDirectory(atPath: shared, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: shared) }
    if !FileManager.default.fileExists(atPath: path("full")) {
      try FileManager.default.createSymbolicLink(
        atPath: path("full"), withDestinationPath: shared)
    }
    let words = [path("full"), try Programs.path(program)] + arguments
    return try Self.checked(try await run("sh", ["-c", fill + "exec \"$@\""] + words))
  }

  private func inMount(
    _ script: String, _ place: String, _ program: String, _ arguments: [String]
  ) async throws -> Outcome {
    let words = [place, try Programs.path(program)] + arguments
    return try Self.checked(
      try await run("unshare", Self.unshare + ["sh", "-c", script] + words))
  }

  private static func checked(_ outcome: Outcome) throws -> Outcome {
    guard outcome.status != 99 && outcome.status != 98 else {
      throw TestFault("the disk of the test is not as it must be: \(outcome.said)")
    }
    return outcome
  }
}
