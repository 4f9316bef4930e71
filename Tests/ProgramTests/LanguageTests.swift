import Foundation
import Testing

extension ProgramTests {
  /// What whole programs say to people who read Chinese.
  @Suite(.serialized) struct LanguageTests {
    private static let chinese = ["LANG": "zh_CN.UTF-8"]

    private static func hasChinese(_ text: String) -> Bool {
      text.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) }
    }

    private static func check(
      _ office: VendorOffice, _ file: String, _ more: [String], on stage: Stage,
      environment: [String: String]
    ) async throws -> Outcome {
      try await Command.run(
        "tally-verifier",
        [
          "check", "--license", file, "--release", office.release, "--running",
          VendorOffice.version,
        ] + office.trust + more, in: stage.folder, environment: environment)
    }

    @Test func `a verdict is in the language of the environment, and the flag overrides it`()
      async throws
    {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        let file = stage.path("good")
        try await office.issue(.subscription, to: file)
        func run(_ more: [String], _ environment: [String: String] = [:]) async throws -> Outcome {
          try await Self.check(office, file, more, on: stage, environment: environment)
        }
        let english = try await run([])
        #expect(english.status == 0 && english.output.hasPrefix("allow VALID"), "\(english.said)")
        #expect(!Self.hasChinese(english.output))
        for (more, environment) in [
          ([], Self.chinese), (["--lang", "zh"], [:]), (["--lang", "zh-CN"], [:]),
          (["--lang=zh"], ["LC_ALL": "en_US.UTF-8"]), ([], ["LC_ALL": "zh_TW.UTF-8"]),
        ] as [([String], [String: String])] {
          let outcome = try await run(more, environment)
          #expect(outcome.status == 0 && outcome.output.hasPrefix("允许 VALID"), "\(outcome.said)")
          #expect(outcome.output.contains("许可证"), "\(outcome.said)")
        }
        for (more, environment) in [
          (["--lang", "en"], Self.chinese),
          ([], ["LANG": "zh_CN.UTF-8", "LC_ALL": "C"]),
          ([], ["LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"]),
        ] as [([String], [String: String])] {
          let outcome = try await run(more, environment)
          #expect(outcome.output == english.output, "\(outcome.said)")
        }
      }
    }

    @Test func `JSON is the same to the byte in every language`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        let file = stage.path("payg")
        try await office.issue(.payg, to: file)
        let json = ["--format", "json"]
        let english = try await Self.check(office, file, json, on: stage, environment: [:])
        #expect(english.status == 1, "\(english.said)")
        #expect(english.output.contains("NOT_ACTIVATED") && !Self.hasChinese(english.output))
        for (more, environment) in [(json, Self.chinese), (json + ["--lang", "zh"], [:])]
          as [([String], [String: String])]
        {
          let other = try await Self.check(office, file, more, on: stage, environment: environment)
          #expect(other.output == english.output && other.status == 1, "\(other.said)")
        }
      }
    }

    @Test func `another language is wrong usage that names the choices`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        try await office.issue(.subscription, to: stage.path("good"))
        for language in ["xx", "", "chinese"] {
          let outcome = try await Self.check(
            office, stage.path("good"), ["--lang", language], on: stage, environment: [:])
          #expect(outcome.status == 64 && outcome.output.isEmpty, "\(outcome.said)")
          #expect(outcome.errors.contains("en and zh"), "\(outcome.said)")
        }
        let state = ["--state", stage.path("state")]
        let status = try await stage.run("tally-verifier", ["status", "--lang", "xx"] + state)
        #expect(status.status == 64 && status.errors.contains("en and zh"), "\(status.said)")
      }
    }

    @Test func `a refusal and a fault are explained in Chinese and quoted in English`() async throws
    {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        try Data("no license\n".utf8).write(to: stage.folder.appending(path: "bad"))
        let refused = try await Self.check(
          office, stage.path("bad"), [], on: stage, environment: Self.chinese)
        #expect(refused.status == 1 && refused.output.contains("拒绝 MALFORMED："), "\(refused.said)")
        let cases: [(String, [String], Int32)] = [
          ("tally-verifier", ["check", "--license", stage.path("none")] + office.trust, 2),
          ("tally-verifier", ["check", "--license", stage.path("bad")], 64),
          ("tally-verifier", ["status", "--state", stage.path("state")] + office.trust, 2),
          ("tally", ["license", "list", "--registry", stage.path("registry")], 2),
          ("tally", ["license", "verify", stage.path("bad")] + office.trust, 1),
          ("tally-gateway", ["token", "list", "--state", stage.path("gateway")], 1),
        ]
        for (program, arguments, status) in cases {
          let english = try await Command.run(program, arguments, in: stage.folder)
          let chinese = try await Command.run(
            program, arguments, in: stage.folder, environment: Self.chinese)
          #expect(english.status == status && chinese.status == status, "\(chinese.said)")
          #expect(!Self.hasChinese(english.errors), "\(english.said)")
          let last = english.errors.split(separator: "\n").last.map(String.init) ?? ""
          let detail = last.dropFirst("\(program): ".count)
          #expect(detail.count > 10 && chinese.errors.contains("（\(detail)）"), "\(chinese.said)")
          #expect(Self.hasChinese(chinese.errors), "\(chinese.said)")
        }
      }
    }

    @Test func `status speaks Chinese, and its JSON does not`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        try await office.issue(.payg, to: stage.path("payg"))
        let state = ["--state", stage.path("state")] + office.trust
        let installed = try await stage.run(
          "tally-verifier", ["license", "install", stage.path("payg")] + state)
        #expect(installed.status == 0, "\(installed.said)")
        let english = try await stage.run("tally-verifier", ["status"] + state)
        let chinese = try await stage.run("tally-verifier", ["status", "--lang", "zh"] + state)
        #expect(english.output.contains("deny, ") && !Self.hasChinese(english.output))
        #expect(chinese.output.contains("拒绝，"), "\(chinese.said)")
        #expect(chinese.output.contains("NOT_ACTIVATED：许可证 lic_"), "\(chinese.said)")
        let lines = { (text: String) in text.split(separator: "\n").count }
        #expect(lines(english.output) == lines(chinese.output), "\(chinese.said)")
        let report = try await Command.run(
          "tally-verifier", ["report"] + state, in: stage.folder, environment: Self.chinese)
        #expect(report.status == 2 && report.errors.contains("连不上网关"), "\(report.said)")
        let json = try await Command.run(
          "tally-verifier", ["status", "--format", "json"] + state, in: stage.folder,
          environment: Self.chinese)
        #expect(json.status == 0 && !Self.hasChinese(json.output), "\(json.said)")
      }
    }

    @Test func `every command on the page of codes can be typed`() async throws {
      let page = try String(
        contentsOf: Programs.package.appending(path: "Docs/Errors.md"), encoding: .utf8)
      let joined = page.split(separator: "\n", omittingEmptySubsequences: false)
        .joined(separator: " ")
      var typed = 0
      var dumps: [String: HelpDump] = [:]
      for text in Set(OperationsTests.quoted(joined)) {
        let words = CommandLines.words(text)
        guard let program = words.first, Programs.names.contains(program), words.count > 1 else {
          continue
        }
        // "tally-verifier serve" names the command; with flags it must be whole.
        guard words.contains(where: { $0.hasPrefix("--") }) else { continue }
        typed += 1
        let dump: HelpDump
        if let known = dumps[program] {
          dump = known
        } else {
          dump = try await HelpDump.of(program)
        }
        dumps[program] = dump
        let complaint = dump.complaint(about: words)
        #expect(complaint == nil, "\(text): \(complaint ?? "")")
      }
      #expect(typed > 25)
    }
  }
}
