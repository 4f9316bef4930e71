internal import Licensing
package import Sealing

/// What whoever issues a document is to confirm before it is sealed.
package struct IssuingQuestion: Sendable, Equatable {
  /// What is questioned beyond the license's own members.
  package enum Code: String, Sendable, CaseIterable {
    /// A revision that was issued for later would never come into force.
    case revisionHidden = "REVISION_HIDDEN"
    /// The revision before was revoked; this one lifts that.
    case revocationLifted = "REVOCATION_LIFTED"
    /// Another revision than the one that it was made from gives way to it.
    case revisionReplaced = "REVISION_REPLACED"
    /// A reissue that was broken off has hidden a revision that nobody would bring back.
    case reissueInterrupted = "REISSUE_INTERRUPTED"
    /// What is to be revoked is not in force and will not be.
    case revocationWithoutEffect = "REVOCATION_WITHOUT_EFFECT"
    /// A later revision will lift what is to be revoked.
    case revocationEnds = "REVOCATION_ENDS"
    /// What is to be revoked is in force: its line stops.
    case lineStops = "LINE_STOPS"
    /// Licenses in use die with a keyset, and nothing takes their place.
    case licensesDie = "LICENSES_DIE"
    /// Less than half of the collectors remain.
    case collectorsCut = "COLLECTORS_CUT"
    /// More than ten times the collectors, or no limit where there was one.
    case collectorsRaised = "COLLECTORS_RAISED"
    /// Less than half of what is left of the term remains.
    case termCut = "TERM_CUT"
    /// Less than half of what is left of maintenance remains.
    case maintenanceCut = "MAINTENANCE_CUT"
    /// What was paid for is given up at once.
    case editionFree = "EDITION_FREE"
    /// A release of a date that is far away.
    case releaseAhead = "RELEASE_AHEAD"
    /// A release of a date long past, or before that of the newest: nothing takes back what it grants.
    case releaseBackdated = "RELEASE_BACKDATED"
    /// A release that counts as older than it is, for coverage.
    case coverageBackdated = "COVERAGE_BACKDATED"
    /// Another document of a version that has one.
    case releaseSignedAnew = "RELEASE_SIGNED_ANEW"
    /// The first of a product that no release and no license names.
    case productNew = "PRODUCT_NEW"
    /// A second line for a customer and a product.
    case lineExists = "LINE_EXISTS"
    /// A second customer of the same name.
    case customerExists = "CUSTOMER_EXISTS"
    /// A name with letters that look like others, or that nobody sees.
    case customerNameUnusual = "CUSTOMER_NAME_UNUSUAL"
    /// The customer's name is another than in the revision before.
    case customerRenamed = "CUSTOMER_RENAMED"
    /// A price in something that is no currency.
    case currencyUnknown = "CURRENCY_UNKNOWN"
    /// A price far from those of the other licenses.
    case priceUnusual = "PRICE_UNUSUAL"
    /// A gateway that no other license names.
    case gatewayNew = "GATEWAY_NEW"
    /// A perpetual license for a release that the registry does not know.
    case releaseNotSigned = "RELEASE_NOT_SIGNED"
    /// Days that were paid for are counted again.
    case daysTwice = "DAYS_TWICE"
    /// This machine's clock lies before the newest document.
    case clockBack = "CLOCK_BACK"
    /// This machine's clock lies long after the newest document.
    case clockForward = "CLOCK_FORWARD"

    /// Whether it is confirmed by its code alone: what other revisions lose, what a release gives away
    /// that nothing takes back, or that it is another day than the clock says, is seen by nobody who
    /// says yes to a date.
    var isConfirmedByName: Bool {
      switch self {
      case .revisionHidden, .revocationLifted, .revisionReplaced, .reissueInterrupted,
        .revocationWithoutEffect, .revocationEnds, .lineStops, .licensesDie, .collectorsCut,
        .termCut, .maintenanceCut, .releaseBackdated, .coverageBackdated, .releaseSignedAnew,
        .daysTwice, .clockBack, .clockForward:
        true
      case .editionFree, .collectorsRaised, .releaseAhead, .productNew, .lineExists,
        .customerExists, .customerNameUnusual, .customerRenamed, .currencyUnknown, .priceUnusual,
        .gatewayNew, .releaseNotSigned:
        false
      }
    }
  }

  /// Stable, for scripts: a ``Question/Code`` or a ``Code``.
  package let code: String
  /// The member it is about, by its path.
  package let member: String
  /// What is unusual and why it is asked.
  package let message: String

  init(_ question: Question) {
    code = question.code.rawValue
    member = question.member
    message = question.message
  }

  init(_ code: Code, _ member: String, _ message: String) {
    self.code = code.rawValue
    self.member = member
    self.message = message
  }

  /// - Parameter code: of a ``Question`` or of a ``Code``.
  package init(code: String, member: String, message: String) {
    self.code = code
    self.member = member
    self.message = message
  }

  package var json: JSONValue {
    ["code": .string(code), "member": .string(member), "message": .string(message)]
  }
}

/// What is answered with yes before it is asked.
package struct Confirmation: Sendable, Equatable {
  /// The codes that are named.
  package var codes: Set<String>
  /// Whether everything is confirmed that need not be named.
  package var isGeneral: Bool

  package init(codes: Set<String> = [], isGeneral: Bool = false) {
    self.codes = codes
    self.isGeneral = isGeneral
  }

  /// Every code that a question can have.
  package static var knownCodes: Set<String> {
    Set(Question.Code.allCases.map(\.rawValue))
      .union(IssuingQuestion.Code.allCases.map(\.rawValue))
  }

  package func confirms(_ question: IssuingQuestion) -> Bool {
    if codes.contains(question.code) { return true }
    let isNamed = IssuingQuestion.Code(rawValue: question.code)?.isConfirmedByName ?? false
    return isGeneral && !isNamed
  }
}

extension AuthorityError {
  /// Something unusual was not confirmed.
  static func unanswered(_ questions: [IssuingQuestion]) -> AuthorityError {
    let list = questions.map { "\($0.code): \($0.message)" }.joined(separator: "; ")
    return AuthorityError(
      .questionsOpen, "nothing was issued, for this is unusual and was not confirmed: \(list)")
  }
}

extension Author {
  /// The audit log keeps what was confirmed with the reason that was given for it.
  func confirming(_ questions: [IssuingQuestion]) -> Author {
    Author(who: who, why: IssuingQuestion.reason(why, confirming: questions), at: at)
  }
}

extension IssuingQuestion {
  /// The reason for the audit log, with what was confirmed.
  package static func reason(_ why: String, confirming questions: [IssuingQuestion]) -> String {
    guard !questions.isEmpty else { return why }
    var codes: [String] = []
    for question in questions where !codes.contains(question.code) { codes.append(question.code) }
    let confirmed = "(confirmed: \(codes.joined(separator: ", ")))"
    return why.isEmpty ? confirmed : "\(why) \(confirmed)"
  }
}
