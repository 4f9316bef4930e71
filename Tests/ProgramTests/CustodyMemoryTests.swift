import Foundation
import Glibc
import Testing

extension ProgramTests {
  /// What secrets are left in the memory of a daemon that serves.
  @Suite(.serialized) struct CustodyMemoryTests {
    /// Root reads the memory of its processes; anyone else is root in a namespace of his own.
    private static let reader = getuid() == 0 ? ["env"] : ["unshare", "--user", "--map-root-user"]

    /// Starts a daemon, counts byte strings in its memory once it listens, and ends it.
    private func counts(
      of needles: [Data], in program: String, _ arguments: [String], on stage: Stage
    ) async throws -> [Int] {
      let script = """
        scan=$0; needles=$1; shift
        "$@" >out 2>err & pid=$!
        until grep -q listening out; do kill -0 $pid || { cat err >&2; exit 3; }; sleep 0.1; done
        python3 "$scan" $pid $needles; status=$?
        kill -9 $pid; exit $status
        """
      let hexadecimal = needles.map { $0.map { String(format: "%02x", $0) }.joined() }
      let output = try await stage.done(
        Self.reader[0],
        Self.reader.dropFirst() + [
          "/bin/sh", "-c", script, Programs.script("memory_scan.py"),
          hexadecimal.joined(separator: " "), try Programs.path(program),
        ] + arguments)
      return output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    }

    @Test func `a gateway that serves has no passphrase in memory, and its key once`() async throws
    {
      try await DaemonStartTests.play { stage, office in
        let words = VendorOffice.passphrase.trimmingCharacters(in: .newlines)
        try await stage.done(
          "openssl",
          [
            "pkey", "-in", office.pem("gateway"), "-passin", "file:\(office.passphraseFile)",
            "-outform", "DER", "-out", "der",
          ])
        let seed = try stage.data("der").suffix(32)
        let counts = try await counts(
          of: [Data(words.utf8), seed, Data("tally-gateway serve".utf8)], in: "tally-gateway",
          DaemonStartTests.gateway(office, state: "state"), on: stage)
        #expect(counts.count == 3)
        #expect(counts.first == 0, "the passphrase")
        // OpenSSL keeps the one that it signs with.
        #expect(counts.dropFirst().first == 1, "the key's seed")
        #expect(counts.last ?? 0 > 0, "what is there is found")
      }
    }

    @Test func `a verifier that serves has its key once in memory`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        try await office.issue(.subscription, to: stage.path("a.license"))
        try await stage.done(
          "tally-verifier", ["license", "install", "a.license", "--state", "state"] + office.trust)
        let counts = try await counts(
          of: [try stage.data("state/installation.key"), try stage.data("state/evidence.key")],
          in: "tally-verifier", DaemonStartTests.serve(office, state: "state"), on: stage)
        #expect(counts.count == 2)
        #expect(counts.first == 1, "the key's seed")
        #expect(counts.last ?? 0 > 0, "what is there is found")
      }
    }
  }
}
