import Foundation
import Testing

extension ProgramTests {
  /// What stops a daemon's start says the cause and the cure.
  @Suite(.serialized) struct DaemonStartTests {
    static func serve(_ office: VendorOffice, state: String, listen: String = "127.0.0.1:0")
      -> [String]
    {
      ["serve", "--state", state, "--listen", listen] + office.trust
    }

    static func gateway(_ office: VendorOffice, state: String, listen: String = "127.0.0.1:0")
      -> [String]
    {
      [
        "serve", "--state", state, "--listen", listen, "--key", office.pem("gateway"),
        "--passphrase-file", office.passphraseFile, "--keyset", "keyset.tally",
      ] + office.trust
    }

    /// The arguments with which each daemon starts.
    static func daemons(
      _ office: VendorOffice, state: String, listen: String = "127.0.0.1:0"
    ) -> [(String, [String])] {
      [
        ("tally-verifier", serve(office, state: state, listen: listen)),
        ("tally-gateway", gateway(office, state: state, listen: listen)),
      ]
    }

    /// Plays on a stage where the gateway's keyset lies ready.
    static func play(_ body: (Stage, VendorOffice) async throws -> Void) async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        try stage.write("keyset.tally", try await office.keyset())
        try await body(stage, office)
      }
    }

    static func expectFault(_ outcome: Outcome, _ name: String, naming words: String...) {
      #expect(outcome.status == 2, "\(name): \(outcome.said)")
      #expect(outcome.output.isEmpty, "\(name): \(outcome.said)")
      for word in words {
        #expect(
          outcome.errors.localizedCaseInsensitiveContains(word), "\(name), \(word): \(outcome.said)"
        )
      }
    }

    @Test func `each daemon says where it listens, and ends when asked`() async throws {
      try await Self.play { stage, office in
        for (program, arguments) in Self.daemons(office, state: "state") {
          let state = "\(program)-state"
          let arguments = arguments.map { $0 == "state" ? state : $0 }
          let daemon = try await stage.start(program, arguments)
          #expect(daemon.address.hasPrefix("http://127.0.0.1:"), "\(daemon.output)")
          let listen = try stage.text("\(state)/listen")
          #expect(listen.contains(daemon.address), "\(listen)")
          #expect(try await HTTP.get("\(daemon.address)/healthz").status == 200)
          #expect(daemon.errors.contains("root"), "the root from a file is announced")
          #expect(try await daemon.stop() == 0, "\(daemon.errors)")
        }
      }
    }

    @Test func `an open folder is warned of, and a start that waits says what for`() async throws {
      try await Self.play { stage, office in
        try FileManager.default.createDirectory(
          atPath: stage.path("state"), withIntermediateDirectories: false)
        try FileManager.default.setAttributes(
          [.posixPermissions: 0o777], ofItemAtPath: stage.path("state"))
        let words = Self.serve(office, state: "state") + ["--license", "not-there.license"]
        let daemon = try await stage.start("tally-verifier", words)
        let warning = "state has mode 777: others may put files"
        #expect(daemon.errors.contains(warning), "\(daemon.errors)")
        try await eventually("the missing file is told") {
          daemon.errors.contains("license file is not there")
        }
        // A cause of several words ends where it ends.
        let line = try #require(
          daemon.errors.split(separator: "\n").first { $0.contains("license file is not there") })
        #expect(line.contains("\" the license file is not there"), "\(line)")
        let second = try await stage.run("tally-verifier", Self.serve(office, state: "state"))
        Self.expectFault(
          second, "the second", naming: "is in use: waiting 4 s for it", "one at a time")
        #expect(try await daemon.stop() == 0, "\(daemon.errors)")
      }
    }

    @Test func `a read-only state folder stops the start`() async throws {
      try await Self.play { stage, office in
        try FileManager.default.createDirectory(
          atPath: stage.path("there"), withIntermediateDirectories: false,
          attributes: [.posixPermissions: 0o700])
        for state in ["there", "not-there"] {
          for (program, arguments) in Self.daemons(office, state: stage.path(state)) {
            let (outcome, cause) = try await stage.readOnly(program, arguments)
            Self.expectFault(outcome, "\(program) \(state)", naming: cause, stage.path(state))
          }
        }
      }
    }

    @Test func `a state folder below a file stops the start`() async throws {
      try await Self.play { stage, office in
        try stage.write("file", "")
        for (program, arguments) in Self.daemons(office, state: stage.path("file/state")) {
          let outcome = try await stage.run(program, arguments)
          Self.expectFault(outcome, program, naming: stage.path("file"))
        }
      }
    }

    @Test func `a full disk stops the start`() async throws {
      try await Self.play { stage, office in
        for (program, arguments) in Self.daemons(office, state: stage.path("full/state")) {
          let outcome = try await stage.full(program, arguments)
          Self.expectFault(outcome, program, naming: "space")
        }
      }
    }

    @Test func `a port in use stops the start`() async throws {
      try await Self.play { stage, office in
        let first = try await stage.start("tally-verifier", Self.serve(office, state: "first"))
        let listen = "127.0.0.1:\(first.port)"
        for (program, arguments) in Self.daemons(office, state: "second", listen: listen) {
          let outcome = try await stage.run(program, arguments)
          Self.expectFault(outcome, program, naming: listen, "in use", "--listen")
        }
      }
    }

    @Test func `a second daemon on the same state stops at once`() async throws {
      try await Self.play { stage, office in
        for (program, arguments) in Self.daemons(office, state: "state") {
          let state = "\(program)-state"
          let arguments = arguments.map { $0 == "state" ? state : $0 }
          let first = try await stage.start(program, arguments)
          let outcome = try await stage.run(program, arguments)
          Self.expectFault(outcome, program, naming: state, "another")
          #expect(first.isRunning)
          #expect(try await HTTP.get("\(first.address)/healthz").status == 200)
        }
      }
    }

    @Test func `a misspelt or malformed setting stops the start and is named`() async throws {
      try await Self.play { stage, office in
        for (program, arguments) in Self.daemons(office, state: "state") {
          let prefix = program.uppercased().split(separator: "-").joined(separator: "_")
          let variables = [
            ("\(prefix)_LISTENN", "127.0.0.1:0", "\(prefix)_LISTEN"),
            ("\(prefix)_NO_SUCH_THING", "1", "\(prefix)_NO_SUCH_THING"),
          ]
          for (name, value, word) in variables {
            let outcome = try await stage.run(program, arguments, environment: [name: value])
            #expect(outcome.status == 64, "\(program) \(name): \(outcome.said)")
            #expect(outcome.errors.contains(name), "\(program): \(outcome.said)")
            #expect(outcome.errors.contains(word), "\(program): \(outcome.said)")
          }
          try await Self.expectSettingsFile(program, arguments, stage)
          for listen in ["nonsense", "127.0.0.1", "127.0.0.1:99999", ":::"] {
            let outcome = try await stage.run(
              program, arguments.map { $0 == "127.0.0.1:0" ? listen : $0 })
            #expect(outcome.status == 64, "\(program) \(listen): \(outcome.said)")
            #expect(outcome.errors.contains("listen"), "\(program) \(listen): \(outcome.said)")
          }
        }
      }
    }

    @Test func `variables that Kubernetes sets for a Service of the name do not matter`()
      async throws
    {
      try await Self.play { stage, office in
        let daemon = try await stage.start(
          "tally-verifier", Self.serve(office, state: "state"),
          environment: [
            "TALLY_VERIFIER_SERVICE_HOST": "10.0.0.7", "TALLY_VERIFIER_SERVICE_PORT_HTTP": "8090",
            "TALLY_VERIFIER_PORT": "tcp://10.0.0.7:8090",
            "TALLY_VERIFIER_PORT_8090_TCP_ADDR": "10.0.0.7",
          ])
        #expect(try await daemon.stop() == 0, "\(daemon.errors)")
      }
    }

    static func expectSettingsFile(
      _ program: String, _ arguments: [String], _ stage: Stage
    ) async throws {
      let files = [
        ("misspelt", "{\"lisen\": \"127.0.0.1:0\"}", "lisen"),
        ("no JSON", "listen = 127.0.0.1:0", "settings"),
        ("twice", "{\"listen\": \"127.0.0.1:0\", \"listen\": \"127.0.0.1:1\"}", "listen"),
      ]
      for (name, text, word) in files {
        try stage.write("settings.json", text)
        let outcome = try await stage.run(program, arguments + ["--settings", "settings.json"])
        #expect(outcome.status == 64, "\(program) \(name): \(outcome.said)")
        #expect(outcome.errors.contains("settings.json"), "\(program) \(name): \(outcome.said)")
        #expect(outcome.errors.contains(word), "\(program) \(name): \(outcome.said)")
      }
      let missing = try await stage.run(program, arguments + ["--settings", "missing.json"])
      #expect(missing.status != 0, "\(missing.said)")
      #expect(missing.errors.contains("missing.json"), "\(program): \(missing.said)")
    }

    @Test func `a gateway's key that others can read, or cannot open, stops the start`()
      async throws
    {
      try await Self.play { stage, office in
        try stage.write(
          "key.pem", try Data(contentsOf: URL(fileURLWithPath: office.pem("gateway"))))
        let arguments = Self.gateway(office, state: "state").map {
          $0 == office.pem("gateway") ? "key.pem" : $0
        }
        Self.expectFault(
          try await stage.run("tally-gateway", arguments), "mode", naming: "key.pem", "600")
        try stage.write("key.pem", try stage.data("key.pem"), mode: 0o600)
        try stage.write("wrong", "not the passphrase\n", mode: 0o600)
        let wrong = arguments.map { $0 == office.passphraseFile ? "wrong" : $0 }
        let outcome = try await stage.run("tally-gateway", wrong)
        Self.expectFault(outcome, "passphrase", naming: "passphrase")
        #expect(!outcome.said.contains("not the passphrase"))
        try stage.write("key.pem", "no PEM at all\n", mode: 0o600)
        Self.expectFault(
          try await stage.run("tally-gateway", arguments), "no PEM", naming: "key.pem")
      }
    }
  }
}
