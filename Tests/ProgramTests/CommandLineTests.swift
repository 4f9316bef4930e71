import Foundation
import Testing

extension ProgramTests {
  /// What a program makes of its words: whoever asks nothing gets no yes, and nothing that was asked is
  /// lost.
  @Suite(.serialized) struct CommandLineTests {
    /// Program and words that name a group and no command of it.
    static let groups = [
      ["tally"], ["tally", "license"], ["tally-verifier"], ["tally-verifier", "usage"],
      ["tally-verifier", "license"], ["tally-gateway"], ["tally-gateway", "token"],
    ]

    @Test(arguments: groups)
    func `a group without a command ends as wrong usage, with the help on standard error`(
      words: [String]
    ) async throws {
      #expect(Self.groups.count == 7)
      try await Stage.play { stage in
        let rest = Array(words.dropFirst())
        let outcome = try await stage.run(words[0], rest)
        #expect(outcome.status == 64 && outcome.output.isEmpty, "\(outcome.said)")
        let usage = "USAGE: \(words.joined(separator: " "))"
        #expect(outcome.errors.contains(usage), "\(outcome.said)")
        #expect(outcome.errors.contains("a command is missing"), "\(outcome.said)")
        let chinese = try await stage.run(words[0], rest, environment: ["LANG": "zh_CN.UTF-8"])
        #expect(chinese.status == 64 && chinese.errors.contains("缺少命令"), "\(chinese.said)")
        let help = try await stage.run(words[0], rest + ["--help"])
        #expect(help.status == 0 && help.errors.isEmpty, "\(help.said)")
        #expect(help.output.contains(usage), "\(help.said)")
      }
    }

    /// Program, words, and what the parser says of them.
    static let slips = [
      ["tally-verifier", "--bogus", "'--bogus'"],
      ["tally-verifier", "status --format yaml", "'yaml'"],
      ["tally-verifier", "check --license", "'--license"],
      ["tally", "key --bogus", "'--bogus'"],
      ["tally-gateway", "serve --bogus", "'--bogus'"],
    ]

    @Test(arguments: slips)
    func `a slip of typing is told in Chinese, with the parser's own words in it`(
      slip: [String]
    ) async throws {
      #expect(Self.slips.count == 5)
      try await Stage.play { stage in
        let words = slip[1].split(separator: " ").map(String.init)
        let english = try await stage.run(slip[0], words)
        #expect(english.status == 64 && english.errors.hasPrefix("Error: "), "\(english.said)")
        let chinese = try await stage.run(slip[0], words, environment: ["LANG": "zh_CN.UTF-8"])
        #expect(chinese.status == 64 && chinese.output.isEmpty, "\(chinese.said)")
        let lines = chinese.errors.split(separator: "\n")
        #expect(lines.first?.hasPrefix("\(slip[0]): 命令用法有误") == true, "\(chinese.said)")
        #expect(lines.first?.contains(slip[2]) == true, "\(chinese.said)")
        #expect(lines.contains { $0.hasPrefix("用法：\(slip[0])") }, "\(chinese.said)")
        #expect(lines.last?.contains("详见 '\(slip[0])") == true, "\(chinese.said)")
      }
    }

    @Test func `words are heard though a library has moved the environment before the start`()
      async throws
    {
      let trust = try await VendorOffice.shared().trust
      try await Stage.play { stage in
        try stage.write(
          "moved.c",
          """
          #include <stdlib.h>
          __attribute__((constructor)) static void move(void) {
            setenv("A_NEW_ONE", "1", 1);
            setenv("ANOTHER_ONE", "1", 1);
          }

          """)
        let library = stage.path("moved.so")
        try await stage.done(
          "gcc", ["-Wall", "-Werror", "-shared", "-fPIC", "-o", library, stage.path("moved.c")])
        let asked = [
          ["tally-verifier", "check", "--license", "not-there.license"] + trust,
          ["tally-verifier", "check", "--license=not-there.license", "--lang", "zh"] + trust,
          ["tally", "license", "verify", "not-there.license"] + trust,
          ["tally-gateway", "installation", "list", "--state", "not-there"],
        ]
        for words in asked {
          let rest = Array(words.dropFirst())
          let plain = try await stage.run(words[0], rest)
          let moved = try await stage.run(
            words[0], rest, environment: ["LD_PRELOAD": library])
          #expect(plain.status != 0 && plain.said.contains("not-there"), "\(plain.said)")
          #expect(moved.said == plain.said, "\(moved.said)")
        }
        let version = try await stage.run(
          "tally-verifier", ["--version"], environment: ["LD_PRELOAD": library])
        #expect(version.output.hasPrefix("tally-verifier "), "\(version.said)")
      }
    }

    @Test func `an empty variable in a start script is no yes`() async throws {
      try await Stage.play { stage in
        try stage.write("start.sh", "if tally-verifier $CHECK; then echo yes; else echo no; fi\n")
        let outcome = try await stage.run(
          "sh", [stage.path("start.sh")],
          environment: ["PATH": "\(Programs.folder.path):/usr/bin:/bin"])
        #expect(outcome.output == "no\n", "\(outcome.said)")
      }
    }
  }
}
