internal import CivilTime
internal import Gateway
internal import Licensing
internal import Reporting
internal import Sealing
internal import Terminal

/// What `import` says became of a bundle.
enum BundleText {
  /// - Parameter out: the answer's file, which is made where there is something to answer.
  static func json(_ outcome: BundleOutcome, out: String) -> JSONValue {
    var members = [
      JSONMember("installation", outcome.installation.json),
      JSONMember("activated", .bool(outcome.answer.activation != nil)),
    ]
    for status in RecordResult.Status.allCases {
      members.append(JSONMember(status.rawValue, .integer(outcome.count(status))))
    }
    members.append(JSONMember("receipts", .integer(outcome.answer.receipts.count)))
    members.append(JSONMember("out", outcome.answer.isEmpty ? .null : .string(out)))
    if let receipt = receipt(outcome) {
      members.append(JSONMember("through", .integer(receipt.seq)))
      if let lease = receipt.leaseThrough {
        members.append(JSONMember("lease_through", .integer(lease)))
      }
    }
    if let problem = outcome.problem {
      members.append(
        JSONMember(
          "problem",
          ["code": .string(problem.code.rawValue), "detail": .string(problem.detail)]))
    }
    return .object(members)
  }

  static func text(_ outcome: BundleOutcome) -> String {
    let row = TextRow(width: 14)
    var lines = [row.text("installation", "安装", outcome.installation.text)]
    if outcome.answer.activation != nil {
      lines.append(row.text("activation", "激活", "given", "已给出"))
    }
    let counts = RecordResult.Status.allCases.compactMap { status -> String? in
      let count = outcome.count(status)
      return count > 0 ? "\(count) \(status.rawValue)" : nil
    }
    let list = counts.joined(separator: row.say(", ", "，"))
    lines.append(row.text("records", "记录", counts.isEmpty ? row.say("none", "无") : list))
    if let receipt = receipt(outcome) {
      let lease = receipt.leaseThrough.map { UTC.text($0) }
      lines.append(
        row.text(
          "receipt", "回执", "through record \(receipt.seq)\(lease.map { ", lease to \($0)" } ?? "")",
          "到第 \(receipt.seq) 条记录\(lease.map { "，租期至 \($0)" } ?? "")"))
    }
    return lines.joined(separator: "\n")
  }

  /// What to ask the customer for.
  static func hint(_ problem: Problem) -> String {
    switch problem.code {
    case .outOfOrder:
      let expected = problem.facts.first { $0.name == "expected" }?.value.integer
      return ": ask for a bundle made with --from \(expected ?? 1)"
    case .notActivated: return ": ask for a bundle made with --enrol"
    default: return ""
    }
  }

  /// The last receipt, which this gateway has just sealed.
  private static func receipt(_ outcome: BundleOutcome) -> Receipt? {
    outcome.answer.receipts.last.flatMap {
      try? UnverifiedDocument(Array($0.utf8), as: .receipt)
    }.flatMap { try? Receipt.parse($0.payload) }
  }
}
