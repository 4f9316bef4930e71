internal import CivilTime
internal import Licensing
internal import Platform
internal import Sealing

/// What `status` says, as diagnoses.
struct StandCheck: Sendable {
  private let json: JSONValue
  private let surroundings: Surroundings
  private let wall: Int64?

  init(_ json: JSONValue, surroundings: Surroundings) {
    self.json = json
    self.surroundings = surroundings
    wall = try? surroundings.wall.now()
  }

  var isOffline: Bool { json["license"]?["reporting"]?.string == "offline" }
  /// The address to which the installation reports.
  var gateway: GatewayAddress? {
    json["reporting"]?["gateway"]?.string.flatMap { GatewayAddress($0) }
  }

  private var findings: [JSONValue] {
    guard case .array(let findings)? = json["verdict"]?["findings"] else { return [] }
    return findings
  }

  private func finding(_ codes: FindingCode...) -> JSONValue? {
    findings.first { finding in codes.contains { finding["code"]?.string == $0.rawValue } }
  }

  /// A finding's code and message.
  private static func words(_ finding: JSONValue) -> BilingualText {
    let code = finding["code"]?.string ?? "UNKNOWN"
    let english = finding["message"]?.string ?? ""
    guard let known = FindingCode(rawValue: code), let value = finding["facts"],
      let facts = try? Facts(value, at: "facts")
    else { return BilingualText("\(code): \(english)", "\(code)：\(english)") }
    return BilingualText(
      "\(code): \(english)", "\(code)：\(Finding(known, facts).message(in: .chinese))")
  }

  /// The message says what to do itself.
  private static let seeMessage = BilingualText(
    "do what the message says; see Docs/Errors.md", "请按说明处理；参见 Docs/Errors.md")

  var serve: Diagnosis {
    guard json["serving"] != .bool(true) else {
      return Diagnosis(.serve, ok: BilingualText("runs", "正在运行"))
    }
    return Diagnosis(
      .serve, .warn, BilingualText("does not run: nothing is counted", "没有运行：没有在计数"),
      cure: BilingualText("start tally-verifier serve", "请启动 tally-verifier serve"))
  }

  var clock: Diagnosis {
    let cure = BilingualText("set the machine's clock (NTP)", "请校准本机时钟（NTP）")
    guard let wall else {
      return Diagnosis(
        .clock, .unknown, BilingualText("the clock cannot be read", "读不到时钟"), cure: cure)
    }
    if let finding = finding(.clockUntrusted) {
      return Diagnosis(.clock, .fail, Self.words(finding), cure: cure)
    }
    guard let floor = json["floor"]?.integer, wall < floor - FloorClock.tolerance else {
      return Diagnosis(.clock, ok: BilingualText(UTC.text(wall), UTC.text(wall)))
    }
    return Diagnosis(
      .clock, .fail,
      BilingualText(
        "\(UTC.text(wall)) is before \(UTC.text(floor)), which is known to have passed",
        "\(UTC.text(wall)) 早于已知已经过去的时刻 \(UTC.text(floor))"), cure: cure)
  }

  var zone: Diagnosis {
    guard let name = json["license"]?["zone"]?.string else {
      return Diagnosis(.zone, ok: BilingualText("no license names one", "没有许可证指定时区"))
    }
    do throws(PlatformError) { _ = try surroundings.zones(name) } catch {
      return Diagnosis(
        .zone, .fail, BilingualText(error.message, error.code.chinese),
        cure: BilingualText("install the package tzdata", "请安装 tzdata 软件包"))
    }
    return Diagnosis(.zone, ok: BilingualText(name, name))
  }

  var license: Diagnosis {
    guard let license = json["license"], let jti = license["jti"]?.string else {
      return Diagnosis(
        .license, .fail, BilingualText("NO_LICENSE: none is installed", "NO_LICENSE：没有安装许可证"),
        cure: BilingualText(
          "run tally-verifier license install FILE", "请运行 tally-verifier license install FILE"))
    }
    // What a later check is about is not said twice.
    // Where a license is held that does not verify, the finding that says why stands for it.
    let others: [FindingCode] = [
      .notActivated, .clockUntrusted, .reportLate, .reportOverdue, .noLicense,
    ]
    let own = findings.filter { finding in
      !others.contains { finding["code"]?.string == $0.rawValue }
    }
    if json["verdict"]?["verdict"]?.string == "unknown" {
      let why = json["verdict"]?["message"]?.string ?? ""
      return Diagnosis(.license, .unknown, BilingualText(why, why), cure: Self.seeMessage)
    }
    guard let worst = own.first(where: { $0["severity"]?.string != "note" }) else {
      return Diagnosis(.license, ok: BilingualText("\(jti) is good", "\(jti) 有效"))
    }
    guard worst["code"]?.string != FindingCode.releaseUnknown.rawValue else {
      // A license that is enforced at the intake is not, as far as releases go.
      return Diagnosis(
        .license, license["enforce"]?.string == Enforcement.intake.rawValue ? .fail : .warn,
        Self.words(worst),
        cure: BilingualText(
          "say what runs with the settings release and running of serve",
          "请用 serve 的设置 release 和 running 说明运行的版本"))
    }
    let isDenied = worst["severity"]?.string == "deny"
    return Diagnosis(
      .license, isDenied ? .fail : .warn, Self.words(worst), cure: Self.seeMessage)
  }

  var activation: Diagnosis {
    if let finding = finding(.notActivated) {
      return Diagnosis(
        .activation, .fail, Self.words(finding),
        cure: BilingualText("run tally-verifier activate", "请运行 tally-verifier activate"))
    }
    guard let at = json["activation"]?["at"]?.integer else {
      return Diagnosis(.activation, ok: BilingualText("none is needed", "不需要激活"))
    }
    return Diagnosis(.activation, ok: BilingualText(UTC.text(at), UTC.text(at)))
  }

  var lease: Diagnosis {
    let cure = BilingualText(
      "see that the gateway can be reached, then run tally-verifier report",
      "请确保能连通网关，然后运行 tally-verifier report")
    if let overdue = finding(.reportOverdue) {
      return Diagnosis(.lease, .fail, Self.words(overdue), cure: cure)
    }
    if let late = finding(.reportLate) {
      return Diagnosis(.lease, .warn, Self.words(late), cure: cure)
    }
    guard let ends = json["reporting"]?["lease_ends"]?.integer else {
      return Diagnosis(.lease, ok: BilingualText("the license has none", "许可证没有租期"))
    }
    return Diagnosis(
      .lease, ok: BilingualText("through \(UTC.text(ends))", "至 \(UTC.text(ends))"))
  }

  var reports: Diagnosis {
    let backlog = json["reporting"]?["backlog"]?.integer ?? 0
    let waiting = BilingualText("\(backlog) records wait", "\(backlog) 条记录待报")
    if let halt = json["reporting"]?["halt"]?.string {
      return Diagnosis(
        .reports, .fail,
        BilingualText(
          "\(halt): the gateway has another history than this ledger", "\(halt)：网关上的历史与本账本不同"),
        cure: BilingualText(
          "let it report, which puts a new installation in the place; see \(halt) in Docs/Errors.md",
          "让它继续上报，新的安装会接替；参见 Docs/Errors.md 中的 \(halt)"))
    }
    guard !isOffline else { return Diagnosis(.reports, ok: waiting) }
    guard case .array(let runs)? = json["reports"], let last = runs.first,
      let code = last["outcome"]?.string
    else {
      return Diagnosis(
        .reports, .warn, BilingualText("none was tried yet", "还没有上报过"),
        cure: BilingualText("run tally-verifier report", "请运行 tally-verifier report"))
    }
    let at = UTC.text(last["at"]?.integer ?? 0)
    switch ReporterOutcome.Known(rawValue: code) {
    case .receipted, .activated, .replaced, .offline, .exported:
      return Diagnosis(
        .reports,
        ok: BilingualText("\(at) \(code), \(waiting.english)", "\(at) \(code)，\(waiting.chinese)"))
    case .noLicense, .unreachable, .unusable, .noGateway, .storeFull, nil:
      let detail = last["detail"]?.string ?? ""
      return Diagnosis(
        .reports, .fail,
        BilingualText(
          "\(at) \(code): \(detail); \(waiting.english)",
          "\(at) \(code)：\(detail)；\(waiting.chinese)"),
        cure: BilingualText("see \(code) in Docs/Errors.md", "参见 Docs/Errors.md 中的 \(code)"))
    }
  }
}
