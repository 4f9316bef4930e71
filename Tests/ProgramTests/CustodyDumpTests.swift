import Foundation
import Glibc
import Testing

extension ProgramTests {
  /// What a running or dying program, or its binary, gives away.
  @Suite(.serialized) struct CustodyDumpTests {
    /// Root may look into everything; without its rights it is like any other user.
    private static let words =
      getuid() == 0 ? ["setpriv", "--bounding-set=-all", "--"] : ["env"]

    /// Foundation starts processes with most signals blocked, a shell or service manager with none.
    private static let unblocked = """
      import os, signal, sys
      signal.pthread_sigmask(signal.SIG_SETMASK, [])
      os.execvp(sys.argv[1], sys.argv[1:])
      """

    /// Starts each program so that it stays: the daemons serve, `tally` waits for its passphrase.
    private static func programs(_ stage: Stage, _ office: VendorOffice) -> [[String]] {
      [
        [
          "tally", "key", "new", "--use", "root", "--out", "key.pem", "--passphrase-file", "pipe",
        ],
        ["tally-verifier"] + DaemonStartTests.serve(office, state: "verifier"),
        ["tally-gateway"] + DaemonStartTests.gateway(office, state: "gateway"),
      ]
    }

    /// Plays with each of the three programs running under a shell that lets it dump a core of any
    /// size, and with one that is not hardened.
    private func play(
      _ body: (Stage, _ name: String, _ pid: pid_t, _ process: Process) async throws -> Void
    ) async throws {
      var played = 0
      try await DaemonStartTests.play { stage, office in
        try await stage.done("mkfifo", ["-m", "600", "pipe"])
        for command in Self.programs(stage, office) + [["sleep", "600"]] {
          let path = try Programs.path(command[0])
          // The program runs below the shell, which tells how it ended.
          // Root lifts a hard limit of 0; who may not says that nothing can dump a core here.
          let script = """
            ulimit -c unlimited; echo "limit $(ulimit -c)"; "$@" & echo $! >pid; wait $!; echo "ended $?"
            """
          let words = [try Programs.path(Self.words[0])] + Self.words.dropFirst()
          let stem = stage.path("shell-\(command[0]).")
          let shell = try Command.launch(
            "python3",
            ["-c", Self.unblocked, "/bin/bash", "-c", script, "bash"] + words + [path]
              + command.dropFirst(),
            in: stage.folder, [:], stem)
          try await eventually("\(command[0]) runs") {
            Command.read(stage.path("pid")).contains("\n")
          }
          let text = Command.read(stage.path("pid")).trimmingCharacters(in: .whitespacesAndNewlines)
          let pid = try #require(pid_t(text))
          defer { kill(pid, SIGKILL) }
          try await eventually("\(command[0]) is itself") {
            Command.read("/proc/\(pid)/comm") == "\(command[0])\n"
          }
          try await body(stage, command[0], pid, shell)
          kill(pid, SIGKILL)
          try await eventually("\(command[0]) is gone") { !shell.isRunning }
          try FileManager.default.removeItem(atPath: stage.path("pid"))
          played += 1
        }
      }
      #expect(played == 4)
    }

    /// What another process of the same user, without root's right to trace, sees of a process.
    private func environment(_ pid: pid_t, on stage: Stage) async throws -> Outcome {
      try await stage.run(
        Self.words[0], Self.words.dropFirst() + ["cat", "/proc/\(pid)/environ"])
    }

    @Test func `nobody but root looks into a running program`() async throws {
      try await play { stage, name, pid, _ in
        if name == "sleep" {
          let outcome = try await environment(pid, on: stage)
          #expect(outcome.output.contains("PATH="), "the control can be read: \(outcome.said)")
          return
        }
        try await eventually("\(name) cannot be read") {
          let outcome = try await environment(pid, on: stage)
          return outcome.status != 0 && outcome.errors.contains("Permission denied")
        }
        #expect(kill(pid, 0) == 0, "\(name) still runs")
      }
    }

    @Test func `a program that is aborted leaves no core`() async throws {
      try await play { stage, name, pid, shell in
        if name != "sleep" {
          try await eventually("\(name) is hardened") {
            try await environment(pid, on: stage).status != 0
          }
        }
        kill(pid, SIGABRT)
        try await eventually("\(name) ends") { !shell.isRunning }
        let said = Command.read(stage.path("shell-\(name).out"))
        #expect(said.contains("ended 134"), "\(name): \(said)")
        // The shell says whether the kernel dumped a core, into whatever file or pipe.
        let dumped = Command.read(stage.path("shell-\(name).err")).contains("(core dumped)")
        #expect(
          dumped == (name == "sleep" && !said.contains("limit 0\n")),
          "\(name); the control must leave a core where the machine's limits let it")
        // Swift's report of a crash shows registers and what they point to.
        let report = Command.read(stage.path("shell-\(name).err"))
        #expect(!report.contains("Registers") && !report.contains("crashed"), "\(name): \(report)")
        let cores = try FileManager.default.contentsOfDirectory(atPath: stage.folder.path)
          .filter { $0 == "core" || $0.hasPrefix("core.") }
        #expect(name == "sleep" || cores.isEmpty, "\(name): \(cores)")
      }
    }

    /// The beginnings of private keys: PKCS#8 of Ed25519 (RFC 8410) and of RSA keys of 1024 to 16384
    /// bits, and PEM with something in it.
    private static func privateKeys(in data: Data) -> Int {
      let ed25519 = Data([
        0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
      ])
      let rsa = Data([
        0x02, 0x01, 0x00, 0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01,
        0x01, 0x05, 0x00, 0x04, 0x82,
      ])
      let pem = ["\n", "\r\n"].map { Data("PRIVATE KEY-----\($0)M".utf8) }
      // PKCS#1: version 0, a modulus of 2048, 3072 or 4096 bits.
      let bare = [[0x01, 0x01], [0x01, 0x81], [0x02, 0x01]].map {
        Data([0x02, 0x01, 0x00, 0x02, 0x82] + $0 + [0x00])
      }
      let marks = [ed25519, rsa] + pem + bare
      return marks.count { data.range(of: $0) != nil }
    }

    @Test func `no binary holds a private key`() async throws {
      try await Stage.play { stage in
        for name in Programs.names {
          let data = try Data(contentsOf: URL(fileURLWithPath: Programs.path(name)))
          #expect(data.count > 1_000_000, "\(name)")
          #expect(Self.privateKeys(in: data) == 0, "\(name)")
        }
        #expect(Programs.names.contains("tally-verifier"))
        // The same look finds each kind of key in a binary that has it at its end.
        let binary = try Data(contentsOf: URL(fileURLWithPath: "/bin/true"))
        for algorithm in [["ed25519"], ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"]] {
          for form in ["DER", "PEM"] {
            try await stage.done(
              "openssl",
              ["genpkey", "-outform", form, "-out", "key", "-algorithm"] + algorithm)
            #expect(
              Self.privateKeys(in: binary + (try stage.data("key"))) > 0, "\(algorithm) \(form)")
          }
        }
      }
    }
  }
}
