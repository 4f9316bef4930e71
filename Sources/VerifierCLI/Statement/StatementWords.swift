internal import Billing
internal import Licensing
internal import Platform
internal import Sealing
internal import Terminal

/// What a statement comes to, and what became of holding it against the ledger, as people read it.
enum StatementWords {
  struct Heading {
    let customer: String
    let line: String
    let month: String
    let status: String
    let count: Int64
    let position: Int64
  }

  static func summary(_ heading: Heading, totals: [StatementTotal]) -> String {
    let (status, count, position) = (heading.status, heading.count, heading.position)
    let name = [heading.customer, heading.line, heading.month]
    var lines = [
      say(
        name.joined(separator: ", ")
          + ": \(status), \(count) lines, ledger position \(position)",
        name.joined(separator: "，") + "：\(status)，\(count) 行，账本位置 \(position)")
    ]
    for total in totals {
      let amount = "\(total.currency) \(MinorUnits.text(total.amount, total.currency))"
      lines.append(
        say(
          "\(amount) for \(total.quantity) collector-days", "\(amount)，共 \(total.quantity) 采集器日"))
    }
    if totals.isEmpty { lines.append(say("no priced usage", "没有计价的用量")) }
    return lines.map(Printable.line).joined(separator: "\n")
  }

  /// - Parameter json: what the desk answers, see ``CheckedStatement``.
  static func checked(_ json: JSONValue) -> String {
    let count = json["entries"]?.integer ?? 0
    var lines = [
      say(
        "the seal is the vendor's, and the totals are the sums of the lines",
        "签名是供应商的，合计等于各行之和"),
      say(
        "\(count) lines of this installation were computed anew from its own ledger",
        "已根据本安装自己的账本重新计算 \(count) 行"),
    ]
    if let decisions = json["decisions"]?.integer, decisions > 0 {
      lines.append(
        say(
          "\(decisions) decisions of the vendor's staff are quoted, and the bill follows them",
          "账单引用了供应商工作人员的 \(decisions) 项决定，计费与之相符"))
    }
    if case .array(let unseen)? = json["unseen"] { lines += unseen.map(self.unseen) }
    if let difference = json["difference"] {
      lines.append(self.difference(difference))
    } else {
      lines.append(say("they are equal", "结果一致"))
    }
    return lines.map(Printable.line).joined(separator: "\n")
  }

  /// The first thing that differs.
  static func difference(_ value: JSONValue) -> String {
    let isCorrection = value["entry"]?.string == "correction"
    let date = value["date"]?.string ?? "-"
    let member = value["member"]?.string
    let (stated, known) = (shown(value["statement"]), shown(value["records"]))
    guard let member else {
      return value["records"] == nil
        ? say(
          "\(date) is billed, and the ledger has no record that bills it",
          "\(date) 已计费，但账本中没有相应的记录")
        : say("\(date) has no line, and the ledger has a record of it", "\(date) 没有账单行，但账本中有其记录")
    }
    let what = isCorrection ? ("the correction of \(date)", "\(date) 的更正") : (date, date)
    return say(
      "\(what.0) differs in \(member): the statement says \(stated), the ledger \(known)",
      "\(what.1) 的 \(member) 不一致：账单为 \(stated)，账本为 \(known)")
  }

  private static func shown(_ value: JSONValue?) -> String { value?.text ?? say("nothing", "无") }

  /// What the installation cannot tell.
  private static func unseen(_ value: JSONValue) -> String {
    let date = value["date"]?.string ?? "-"
    switch value["code"]?.string {
    case "OTHER_INSTALLATIONS":
      let count = value["entries"]?.integer ?? 0
      return say(
        "not seen here: \(count) lines of other installations, each checks its own",
        "此处无法核对：其他安装的 \(count) 行，由各安装自行核对")
    case "SAMPLES_DROPPED":
      return say(
        "not seen here: the samples of \(date) are not kept any more",
        "此处无法核对：\(date) 的采样已不再保留")
    case "BILLED_WITH":
      return say(
        "not seen here: \(date) is billed by the installation that holds the place then",
        "此处无法核对：\(date) 由当日接替席位的安装计费")
    case "CARRIED_FROM_ANOTHER":
      return say(
        "not seen here: \(date) is carried from the installation whose place this one took",
        "此处无法核对：\(date) 沿用了被接替安装的峰值")
    case "LICENSE_NOT_INSTALLED":
      let license = value["license"]?.string ?? "-"
      return say(
        "not seen here: license \(license), which prices \(date), is not installed",
        "此处无法核对：为 \(date) 定价的许可证 \(license) 没有安装")
    case "BILLED_BEFORE":
      let count = value["corrections"]?.integer ?? 0
      return say(
        "not seen here: what was billed before for \(count) corrected dates, see the final statements "
          + "of their months", "此处无法核对：\(count) 个被更正日期先前的计费，请看其月份的最终账单")
    default:
      return say(
        "not seen here: the price at which \(date) was billed before",
        "此处无法核对：\(date) 先前计费时的价格")
    }
  }

  private static func say(
    _ english: @autoclosure () -> String, _ chinese: @autoclosure () -> String
  ) -> String {
    Language.spoken.say(english(), chinese())
  }
}

extension StatementWords.Heading {
  init(_ statement: Statement) {
    self.init(
      customer: statement.customer, line: statement.line.text,
      month: statement.month.description, status: statement.status.rawValue,
      count: Int64(statement.lines.count + statement.corrections.count),
      position: statement.position)
  }
}
