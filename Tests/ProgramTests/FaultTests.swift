import Foundation
import Testing

/// The harnesses of Tests/Faults in their small form, each with its control. They judge in Python what
/// the verifier leaves behind; Tests/Faults/README.md has the large form, and what it came to.
///
/// They go on beside the other tests of programs: most of their time they wait.
@Suite(.serialized) struct FaultTests {
  /// Runs a harness to its end.
  /// - Returns: its last line, which has the counts.
  static func play(
    _ name: String, _ arguments: [String], on stage: Stage, seconds: Int = 240
  ) async throws -> String {
    let script = Programs.package.appending(path: "Tests/Faults/\(name)").path
    let outcome = try await Command.run(
      try Programs.python(),
      [
        script, "--programs", Programs.folder.path, "--work",
        stage.path("work-\(UUID().uuidString.prefix(8))"),
      ] + arguments, in: stage.folder, seconds: seconds)
    #expect(outcome.status == 0, "\(name) \(arguments): \(outcome.said)")
    return outcome.output.split(separator: "\n").last.map(String.init) ?? ""
  }

  /// The number before a word of a harness's last line.
  static func number(_ line: String, before word: String) -> Int? {
    let words = line.split(whereSeparator: { " ,():".contains($0) }).map(String.init)
    guard let place = words.firstIndex(of: word), place > 0 else { return nil }
    return Int(words[place - 1])
  }

  @Test func `no state that a power cut may leave loses what was told`() async throws {
    try await Stage.play { stage in
      let line = try await Self.play(
        "crash_states.py",
        ["--states", "3000", "--seconds", "6", "--opened", "20", "--bound", "3"], on: stage)
      #expect(try #require(Self.number(line, before: "states")) >= 2990, "\(line)")
      #expect(try #require(Self.number(line, before: "of")) > 1000, "\(line)")
      #expect(Self.number(line, before: "lost") == 0, "\(line)")
    }
  }

  @Test func `nor does one that it leaves while a date ends`() async throws {
    try await Stage.play { stage in
      let line = try await Self.play(
        "crash_states.py",
        [
          "--midnight", "--states", "1500", "--seconds", "6", "--opened", "10", "--bound", "3",
        ], on: stage)
      #expect(try #require(Self.number(line, before: "with")) > 10, "\(line)")
      #expect(Self.number(line, before: "lost") == 0, "\(line)")
    }
  }

  @Test(arguments: ["wal", "folder"])
  func `a disk that does not flush is found out`(what: String) async throws {
    try await Stage.play { stage in
      let line = try await Self.play(
        "crash_states.py",
        [
          "--states", "400", "--seconds", "4", "--opened", "0", "--bound", "3", "--deaf", what,
        ], on: stage)
      #expect(try #require(Self.number(line, before: "lost")) > 0, "\(line)")
    }
  }

  @Test func `a first start that is cut off at any write begins again`() async throws {
    try await Stage.play { stage in
      let line = try await Self.play(
        "crash_states.py", ["--first", "--states", "60", "--opened", "0"], on: stage)
      #expect(try #require(Self.number(line, before: "states")) >= 55, "\(line)")
      #expect(Self.number(line, before: "lost") == 0, "\(line)")
    }
  }

  @Test func `killed at random instants it loses no record, no collector and no peak`()
    async throws
  {
    try await Stage.play { stage in
      let line = try await Self.play(
        "kills.py", ["--kills", "50", "--longest", "1.2", "--bound", "1"], on: stage)
      #expect(Self.number(line, before: "kills") == 50, "\(line)")
      #expect(try #require(Self.number(line, before: "beats")) > 1000, "\(line)")
      #expect(Self.number(line, before: "lost") == 0, "\(line)")
      let control = try await Self.play("kills.py", ["--kills", "10", "--control"], on: stage)
      #expect(try #require(Self.number(control, before: "lost")) > 0, "\(control)")
    }
  }

  @Test func `killed before, at and after midnight it closes each date once, as it was counted`()
    async throws
  {
    try await Stage.play { stage in
      let line = try await Self.play(
        "kills.py", ["--kills", "15", "--midnights", "--longest", "1.2", "--bound", "2"], on: stage)
      #expect(Self.number(line, before: "kills") == 15, "\(line)")
      #expect(try #require(Self.number(line, before: "midnights")) >= 3, "\(line)")
      #expect(Self.number(line, before: "lost") == 0, "\(line)")
    }
  }

  @Test func `asked to end under load it keeps everything that was answered`() async throws {
    try await Stage.play { stage in
      let line = try await Self.play(
        "kills.py", ["--kills", "10", "--terminate", "--longest", "1"], on: stage)
      #expect(Self.number(line, before: "kills") == 10, "\(line)")
      #expect(Self.number(line, before: "lost") == 0, "\(line)")
    }
  }

  @Test(arguments: ["sqlite", "postgres"])
  func `a gateway that is killed at random instants keeps each record and receipt, once`(
    store: String
  ) async throws {
    try await Stage.play { stage in
      let line = try await Self.play(
        "gateway_kills.py",
        ["--store", store, "--kills", "50", "--longest", "0.5", "--control"], on: stage)
      #expect(Self.number(line, before: "kills") == 50, "\(line)")
      #expect(try #require(Self.number(line, before: "reports")) > 500, "\(line)")
      #expect(try #require(Self.number(line, before: "no")) > 40, "\(line)")
      #expect(Self.number(line, before: "lost") == 0, "\(line)")
    }
  }

  @Test func `a log that cannot be copied ends the gateway, and nothing acknowledged is lost`()
    async throws
  {
    try await Stage.play { stage in
      let line = try await Self.play(
        "gateway_kills.py", ["--cut", "copy", "--kills", "4"], on: stage)
      #expect(Self.number(line, before: "lost") == 0, "\(line)")
    }
  }

  @Test func `a PostgreSQL server that is killed loses nothing that a gateway acknowledged`()
    async throws
  {
    try await Stage.play { stage in
      let line = try await Self.play(
        "gateway_kills.py", ["--store", "postgres", "--cut", "server", "--kills", "10"], on: stage
      )
      #expect(Self.number(line, before: "lost") == 0, "\(line)")
      let control = try await Self.play(
        "gateway_kills.py",
        ["--store", "postgres", "--cut", "server", "--kills", "20", "--asynchronous"], on: stage)
      #expect(control.hasPrefix("control: "), "\(control)")
    }
  }

  @Test(arguments: [("fail,fill,stall", 20), ("lack,kill", 20), ("install,begin", 30)])
  func `each call on a file may fail and nothing answered is lost`(kinds: String, faults: Int)
    async throws
  {
    try await Stage.play { stage in
      let line = try await Self.play(
        "failing_calls.py",
        [
          "--kinds", kinds, "--most", "4", "--sample", "1", "--longest", "0.4", "--bound", "3",
        ], on: stage)
      #expect(try #require(Self.number(line, before: "faults")) >= faults, "\(line)")
      #expect(Self.number(line, before: "wrong") == 0, "\(line)")
    }
  }

  @Test(arguments: ["fail", "kill"])
  func `a disk that takes a call and keeps nothing is found out`(kind: String) async throws {
    try await Stage.play { stage in
      let line = try await Self.play(
        "failing_calls.py",
        ["--kinds", kind, "--most", "20", "--longest", "2", "--control"], on: stage)
      #expect(try #require(Self.number(line, before: "wrong")) > 0, "\(line)")
    }
  }

  @Test func `a full disk and a read-only one lose nothing answered`() async throws {
    try await Stage.play { stage in
      let line = try await Self.play(
        "full_disk.py",
        [
          "--rounds", "1", "--disks", "tmpfs,shm,calls", "--bound", "3", "--require",
          "full,read-only",
        ], on: stage)
      #expect(try #require(Self.number(line, before: "times")) >= 1, "\(line)")
      #expect(Self.number(line, before: "wrong") == 0, "\(line)")
      let control = try await Self.play(
        "full_disk.py", ["--disks", "tmpfs,shm", "--control"], on: stage)
      #expect(try #require(Self.number(control, before: "wrong")) > 0, "\(control)")
    }
  }

  @Test func `a state file that is cut or changed anywhere is refused or loses nothing`()
    async throws
  {
    try await Stage.play { stage in
      let line = try await Self.play(
        "damaged_files.py",
        [
          "--stride", "2999", "--serve-every", "16", "--small", "--program-every", "3",
          "--examiner", Programs.folder.appending(path: "Examiner").path,
        ], on: stage)
      #expect(try #require(Self.number(line, before: "cases")) > 100, "\(line)")
      #expect(Self.number(line, before: "wrong") == 0, "\(line)")
      let control = try await Self.play(
        "damaged_files.py",
        ["--files", "journal.sqlite", "--stride", "4999", "--serve-every", "0", "--control"],
        on: stage)
      #expect(try #require(Self.number(control, before: "wrong")) > 0, "\(control)")
    }
  }

  @Test func `nor are dates that ended counted otherwise after damage`() async throws {
    try await Stage.play { stage in
      let line = try await Self.play(
        "damaged_files.py",
        [
          "--midnight", "--small", "--stride", "5003", "--serve-every", "8", "--program-every",
          "20",
          "--examiner", Programs.folder.appending(path: "Examiner").path,
        ], on: stage)
      #expect(try #require(Self.number(line, before: "cases")) > 100, "\(line)")
      #expect(Self.number(line, before: "wrong") == 0, "\(line)")
    }
  }

  @Test func `every record that is cut off or changed is named`() async throws {
    try await Stage.play { stage in
      let line = try await Self.play(
        "damaged_files.py", ["--records", "--stride", "1601"], on: stage)
      #expect(try #require(Self.number(line, before: "cases")) > 40, "\(line)")
      #expect(Self.number(line, before: "wrong") == 0, "\(line)")
      let control = try await Self.play(
        "damaged_files.py", ["--records", "--stride", "9001", "--control"], on: stage)
      #expect(try #require(Self.number(control, before: "wrong")) > 0, "\(control)")
    }
  }
}
