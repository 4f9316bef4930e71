internal import CivilTime
internal import Licensing
internal import Platform
internal import Sealing

/// The text of `status`, in a language.
struct StatusText {
  private let language: Language

  static func text(_ json: JSONValue, in language: Language = .english) -> String {
    StatusText(language: language).lines(json).joined(separator: "\n")
  }

  private func lines(_ json: JSONValue) -> [String] {
    let ledger = json["ledger"] ?? .null
    let runs = json["serving"] == .bool(true)
    var lines = [
      row("installation", "安装", text(json, "installation")),
      row("serve", "守护进程", runs ? say("runs", "正在运行") : say("does not run", "没有运行")),
      row("verdict", "判定", verdict(json["verdict"])),
      row("license", "许可证", license(json["license"])),
      row("activation", "激活", activation(json["activation"])),
      row("keyset", "密钥集", json["keyset"]?.integer.map { String($0) } ?? none),
    ]
    if let counting = json["counting"] {
      let (collectors, weight) = (number(counting, "collectors"), number(counting, "online"))
      let value = say(
        "\(collectors) collectors online, weight \(weight)",
        "在线采集器 \(collectors) 个，权重 \(weight)")
      lines.append(row("counting", "计数", value))
      lines += shared(counting["suspected_pairs"])
    }
    let (seq, receipted) = (number(ledger, "seq"), number(ledger, "receipted"))
    let records = say(
      "\(seq) records, receipts through \(receipted)", "\(seq) 条记录，回执到第 \(receipted) 条")
    lines.append(row("ledger", "用量账本", records))
    lines.append(row("receipt", "回执", receipt(json["receipt"])))
    return lines + halt(json["reporting"]) + files(json["files"]) + reports(json["reports"])
  }

  private func halt(_ value: JSONValue?) -> [String] {
    guard let code = value?["halt"]?.string else { return [] }
    let why = say(
      "\(code): the gateway has another history; a new installation takes the place",
      "\(code)：网关上的历史与本账本不同；将由新的安装接替")
    return [row("reporting", "上报状态", why)]
  }

  private func files(_ value: JSONValue?) -> [String] {
    guard case .array(let files)? = value else { return [] }
    return files.map { file in
      let state =
        switch file["state"]?.string {
        case "taken": say("taken", "已采用")
        case "missing": say("is not there", "不存在")
        default:
          say("refused: \(text(file, "why"))", Language.chinese.explained("被拒绝", text(file, "why")))
        }
      let label = text(file, "what") == "license" ? ("license file", "许可证文件") : ("settings", "设置")
      return row(label.0, label.1, "\(text(file, "path"))\(say(", ", "，"))\(state)")
    }
  }

  /// Identities under which two collectors seem to run.
  private func shared(_ pairs: JSONValue?) -> [String] {
    guard let pairs, let count = pairs["count"]?.integer, count > 0,
      case .array(let first)? = pairs["first"]
    else { return [] }
    let names = first.map { text($0, "identity") }.joined(separator: say(", ", "、"))
    let value = say(
      "\(count) identities that two collectors seem to share: \(names)",
      "疑似被两个采集器共用的标识 \(count) 个：\(names)")
    return [row("suspects", "疑似共用", value)]
  }

  private func verdict(_ value: JSONValue?) -> String {
    guard let value else { return say("unknown", "未知") }
    let outcome = Verdict.Outcome(rawValue: text(value, "verdict"))
    let word = say(text(value, "verdict"), outcome?.chinese ?? "未知")
    var lines = ["\(word)\(say(", ", "，"))\(text(value, "code"))"]
    if case .array(let findings)? = value["findings"] {
      lines += findings.map {
        "\(indent)\(text($0, "code"))\(say(": ", "："))\(message($0))"
      }
    }
    return lines.joined(separator: "\n")
  }

  /// A finding's message, made anew from its code and facts where it is not wanted in English.
  private func message(_ finding: JSONValue) -> String {
    let english = text(finding, "message")
    guard language != .english, let code = FindingCode(rawValue: text(finding, "code")),
      let value = finding["facts"], let facts = try? Facts(value, at: "facts")
    else { return english }
    return Printable.line(Finding(code, facts).message(in: language))
  }

  private func license(_ value: JSONValue?) -> String {
    guard let value, value["jti"] != nil else { return none }
    let (name, revision) = (text(value, "jti"), number(value, "revision"))
    let term = value["term"].map { term in
      let (from, through) = (text(term, "from"), text(term, "through"))
      return say(", \(from) to \(through)", "，\(from) 至 \(through)")
    }
    let edition = text(value, "edition")
    let lost =
      value["verifies"] == .bool(false)
      ? say(
        "\n\(indent)it no longer verifies: counting and reporting go on under it, see the verdict",
        "\n\(indent)它已不能通过验证：仍按它计数和上报，请看判定") : ""
    return say(
      "\(name), revision \(revision), \(edition)\(term ?? ""), \(text(value, "customer"))\(lost)",
      "\(name)，修订号 \(revision)，\(Edition(rawValue: edition)?.chineseName ?? edition)"
        + "\(term ?? "")，\(text(value, "customer"))\(lost)")
  }

  private func activation(_ value: JSONValue?) -> String {
    guard let value, let at = value["at"]?.integer else { return none }
    let replaced = value["replaces"].map { value in
      let name = text(value, "installation")
      return say(", in place of \(name)", "，接替 \(name)")
    }
    return "\(text(value, "line"))\(say(", ", "，"))\(UTC.text(at))\(replaced ?? "")"
  }

  private func receipt(_ value: JSONValue?) -> String {
    guard let value, let at = value["at"]?.integer else { return none }
    let lease = value["lease_through"]?.integer.map {
      say(", lease to \(UTC.text($0))", "，租期至 \(UTC.text($0))")
    }
    let record = say(", record \(number(value, "seq"))", "，第 \(number(value, "seq")) 条记录")
    return "\(UTC.text(at))\(record)\(lease ?? "")"
  }

  private func reports(_ value: JSONValue?) -> [String] {
    guard case .array(let runs)? = value, !runs.isEmpty else {
      return [row("reports", "上报", say("none yet", "还没有"))]
    }
    return [say("reports", "上报")]
      + runs.map { run in
        let (records, origin) = (number(run, "records"), text(run, "origin"))
        let detail = text(run, "outcome") == "RECEIPTED" ? "" : self.detail(run)
        return "  \(UTC.text(run["at"]?.integer ?? 0))  \(text(run, "outcome"))  "
          + say("\(records) records, by \(origin)", "\(records) 条记录，由 \(origin) 上报") + detail
      }
  }

  /// What came of a report; in Chinese by its code, with the words of whoever tried it.
  private func detail(_ run: JSONValue) -> String {
    let english = text(run, "detail")
    let meaning = OutcomeStatus.chinese(text(run, "outcome")) ?? "未能上报"
    return say(": \(english)", "：\(Language.chinese.explained(meaning, english))")
  }

  private var none: String { say("none", "无") }

  private func say(_ english: @autoclosure () -> String, _ chinese: @autoclosure () -> String)
    -> String
  {
    switch language {
    case .english: english()
    case .chinese: chinese()
    }
  }

  private static let width = 14

  private var indent: String { String(repeating: " ", count: Self.width) }

  /// A label and what stands beside it; a Chinese character is as wide as two letters.
  private func row(_ english: String, _ chinese: String, _ value: String) -> String {
    let label = say(english, chinese)
    let columns = language == .english ? label.count : label.count * 2
    return label + String(repeating: " ", count: max(Self.width - columns, 1)) + value
  }

  private func text(_ value: JSONValue, _ name: String) -> String {
    value[name]?.string.map(Printable.line) ?? "-"
  }

  private func number(_ value: JSONValue, _ name: String) -> String {
    value[name]?.integer.map { String($0) } ?? "-"
  }
}
