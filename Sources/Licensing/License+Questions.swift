package import CivilTime
package import Sealing

/// Something in a license that is allowed and yet so unusual that a slip of the pen is likelier.
///
/// Whoever issues asks before sealing. What no license may be at all is ``License/check()``'s matter.
package struct Question: Sendable, Equatable {
  /// What is questioned; the raw values are stable.
  package enum Code: String, Sendable, CaseIterable {
    case termLong = "TERM_LONG"
    case termOver = "TERM_OVER"
    case termAhead = "TERM_AHEAD"
    case termBackdated = "TERM_BACKDATED"
    case maintenanceLong = "MAINTENANCE_LONG"
    case maintenanceOver = "MAINTENANCE_OVER"
    case maintenanceAhead = "MAINTENANCE_AHEAD"
    case maintenanceBackdated = "MAINTENANCE_BACKDATED"
    case limitLarge = "LIMIT_LARGE"
    case windowUnusual = "WINDOW_UNUSUAL"
    case dwellLong = "DWELL_LONG"
    case installationsMany = "INSTALLATIONS_MANY"
    case graceLong = "GRACE_LONG"
    case gatewayPlain = "GATEWAY_PLAIN"
    case gatewayPrivate = "GATEWAY_PRIVATE"
    case leaseShort = "LEASE_SHORT"
    case leaseLong = "LEASE_LONG"
    case priceZero = "PRICE_ZERO"
    case priceHigh = "PRICE_HIGH"
  }

  package let code: Code
  /// The member it is about, by its path.
  package let member: String
  /// What is unusual and why it is asked, in English.
  package let message: String

  package var json: JSONValue {
    [
      "code": .string(code.rawValue), "member": .string(member), "message": .string(message),
    ]
  }
}

extension Question {
  /// Bounds of what is usual; the bound itself is.
  package enum Usual {
    package static let years = 10
    /// Days from today to the first day of a span.
    package static let ahead: Int64 = 366
    /// Days from the first day of a span to today.
    package static let back: Int64 = 31
    package static let limit: Int64 = 1_000_000
    package static let installations: Int64 = 1000
    package static let graceDays: Int64 = 90
    /// Seconds; collectors beat every minute.
    package static let window: ClosedRange<Int64> = 120...3600
    package static let dwell: Int64 = 3600
    package static let leaseHours: ClosedRange<Int64> = 24...744
    /// In the currency's major unit.
    package static let price: Int64 = 10_000
  }
}

extension License {
  /// What whoever issues the license is to be asked, in the order of its members.
  /// - Parameter today: the date in the license's zone.
  package func questions(today: CivilDate) -> [Question] {
    var questions: [Question] = []
    func ask(_ code: Question.Code, _ member: String, _ message: String) {
      questions.append(Question(code: code, member: member, message: message))
    }
    if let term {
      for (code, message) in term.questions(SpanCodes.term, today: today) {
        ask(code, "term", message)
      }
    }
    if let maintenance {
      for (code, message) in maintenance.questions(SpanCodes.maintenance, today: today) {
        ask(code, "maintenance", message)
      }
    }
    askCollectors(ask)
    if installations > Question.Usual.installations {
      ask(
        .installationsMany, "installations",
        "\(installations) installations may be activated; more than "
          + "\(Question.Usual.installations) is unusual")
    }
    if graceDays > Question.Usual.graceDays {
      ask(
        .graceLong, "grace_days",
        "\(graceDays) days of grace after the term; more than \(Question.Usual.graceDays) is "
          + "unusual")
    }
    askReporting(ask)
    askPrice(ask)
    return questions
  }

  /// Of ``questions(today:)`` those that a change raises: about members that differ from the older
  /// revision. That the license is over already is asked always.
  package func questions(today: CivilDate, changing older: License) -> [Question] {
    let changed = differences(from: older).map(\.member)
    return questions(today: today).filter { question in
      question.code == .termOver || question.code == .maintenanceOver
        || changed.contains { $0 == question.member || $0.hasPrefix(question.member + ".") }
    }
  }

  private typealias Ask = (_ code: Question.Code, _ member: String, _ message: String) -> Void

  private func askCollectors(_ ask: Ask) {
    if let limit = collectors.limit, limit > Question.Usual.limit {
      ask(
        .limitLarge, "collectors.limit",
        "\(limit) collectors may be online; more than \(Question.Usual.limit) is unusual")
    }
    let usual = Question.Usual.window
    if !usual.contains(collectors.window) {
      ask(
        .windowUnusual, "collectors.window",
        "a beat keeps a collector online for \(collectors.window) seconds; collectors beat every "
          + "minute, usual are \(usual.lowerBound) to \(usual.upperBound)")
    }
    if collectors.dwell > Question.Usual.dwell {
      ask(
        .dwellLong, "collectors.dwell",
        "a collector counts only after \(collectors.dwell) seconds online; more than "
          + "\(Question.Usual.dwell) is unusual")
    }
  }

  private func askReporting(_ ask: Ask) {
    if let gateway = reporting.gateway, gateway.utf8.starts(with: "http://".utf8) {
      ask(
        .gatewayPlain, "reporting.gateway",
        "\(gateway) is plain http, which a verifier dials on its own machine only")
    } else if let gateway = reporting.gateway, GatewayHost.isPrivate(gateway) {
      ask(
        .gatewayPrivate, "reporting.gateway",
        "\(gateway) is an address of one machine or network, which installations elsewhere never "
          + "reach")
    }
    guard let hours = reporting.leaseHours else { return }
    let usual = Question.Usual.leaseHours
    if hours < usual.lowerBound {
      ask(
        .leaseShort, "reporting.lease_hours",
        "use ends \(hours) hours after the last acknowledged report; below \(usual.lowerBound) a "
          + "night without network stops the platform")
    }
    if hours > usual.upperBound {
      ask(
        .leaseLong, "reporting.lease_hours",
        "use may go on for \(hours) hours without an acknowledged report; more than "
          + "\(usual.upperBound), 31 days, is unusual")
    }
  }

  private func askPrice(_ ask: Ask) {
    guard let price else { return }
    let member = "price.minor_per_collector_day"
    if price.minorPerCollectorDay == 0 {
      ask(.priceZero, member, "a collector costs nothing: nothing will ever be billed")
    }
    let digits = MinorUnits.digits(of: price.currency)
    let bound = (0..<digits).reduce(Question.Usual.price) { product, _ in product * 10 }
    if price.minorPerCollectorDay > bound {
      let amount = MinorUnits.text(price.minorPerCollectorDay, price.currency)
      ask(
        .priceHigh, member,
        "a collector costs \(price.currency) \(amount) a day; more than \(price.currency) "
          + "\(Question.Usual.price) is unusual: check the point")
    }
  }
}

/// The codes of one kind of span.
private struct SpanCodes {
  let name: String
  let long: Question.Code
  let over: Question.Code
  let ahead: Question.Code
  let backdated: Question.Code

  static let term = SpanCodes(
    name: "the term", long: .termLong, over: .termOver, ahead: .termAhead,
    backdated: .termBackdated)
  static let maintenance = SpanCodes(
    name: "maintenance", long: .maintenanceLong, over: .maintenanceOver,
    ahead: .maintenanceAhead, backdated: .maintenanceBackdated)
}

extension Term {
  fileprivate func questions(
    _ codes: SpanCodes, today: CivilDate
  ) -> [(code: Question.Code, message: String)] {
    var questions: [(code: Question.Code, message: String)] = []
    let years = Question.Usual.years
    if let usual = from.endOfTerm(years: years), through > usual {
      questions.append(
        (
          codes.long,
          "\(codes.name) is longer than \(years) years: from \(from) through \(through)"
        ))
    }
    if through < today {
      questions.append(
        (codes.over, "\(codes.name) is over already: it ended on \(through), today is \(today)"))
    }
    let ahead = today.days(until: from)
    if ahead > Question.Usual.ahead {
      questions.append(
        (
          codes.ahead,
          "\(codes.name) begins on \(from), \(ahead) days from today: more than a year ahead"
        ))
    }
    if -ahead > Question.Usual.back {
      questions.append(
        (
          codes.backdated,
          "\(codes.name) began on \(from), \(-ahead) days before today: back-dated by more than "
            + "\(Question.Usual.back)"
        ))
    }
    return questions
  }
}
