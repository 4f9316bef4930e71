package import Licensing

/// What a finding does to the bill: the rules themselves are those of statements, and stand in Billing.
package enum FindingEffect: String, Sendable, CaseIterable {
  case notBilled = "not_billed"
  case firstHistoryBilled = "first_history_billed"
  case pricedByKnownLicense = "priced_by_known_license"
  case ownBoundsBilled = "own_bounds_billed"
  case largerBilled = "larger_billed"
  case billedAsOthers = "billed_as_others"
  case ownDateClosedAlone = "own_date_closed_alone"
  case skippedSecondsUnobserved = "skipped_seconds_unobserved"
  case ownChainBilled = "own_chain_billed"
  case waitsForRecords = "waits_for_records"
  case gapRule = "gap_rule"
  case closedByGateway = "closed_by_gateway"
  case wholePeakBilled = "whole_peak_billed"

  package var text: BilingualText {
    BilingualText(english, chinese)
  }

  private var english: String {
    switch self {
    case .notBilled:
      "the record is kept and receipted, never billed: its date is billed by the other records, or as one "
        + "that nobody reported"
    case .firstHistoryBilled:
      "the first history is billed; the other side enrols anew in its place, and what both report after "
        + "that is billed"
    case .pricedByKnownLicense:
      "billed by the highest revision known here that has begun and is not above the record's; statements "
        + "that are not final follow once the license is published"
    case .ownBoundsBilled: "billed by the record's own bounds of the date"
    case .largerBilled: "the larger peak of the date is billed"
    case .billedAsOthers: "billed as any other record"
    case .ownDateClosedAlone:
      "billed; a day record of such a date closes that date alone, none before it"
    case .skippedSecondsUnobserved:
      "seconds that the clock skipped are unobserved, and the license's rule for gaps holds; a second that "
        + "it named twice has its largest count"
    case .ownChainBilled:
      "billed by its own chain for what it reports, beside whoever has its place; on the date on which "
        + "another took it the larger of the two is"
    case .waitsForRecords:
      "nothing after the hole is stored or billed until the missing records come; dates whose day records "
        + "do not come are closed by the gateway"
    case .gapRule:
      "under the rule carry the date bills the larger of its observed peak and the highest of the 7 latest "
        + "earlier dates that were well observed; under observed its observed peak"
    case .closedByGateway:
      "dates whose day records do not come are closed, 72 hours after their end, 7 days where daily: what "
        + "the newest sample told stands, the rest is a gap, and the license's rule for gaps holds"
    case .wholePeakBilled: "billed as counted: the whole peak, what is above the limit as well"
    }
  }

  private var chinese: String {
    switch self {
    case .notBilled: "该记录被保存并给予回执，但从不计费；该日期按其他记录计费，若无其他记录则按无人上报的日期处理"
    case .firstHistoryBilled: "按先到的记录链计费；另一方须重新激活接替，此后双方各自上报的用量均计费"
    case .pricedByKnownLicense:
      "按此处已知、已生效且不高于记录所示修订号的最高修订计价；许可证发布后，未定稿的账单随之更新"
    case .ownBoundsBilled: "按记录自身给出的日期起止计费"
    case .largerBilled: "按该日期较大的峰值计费"
    case .billedAsOthers: "与其他记录一样计费"
    case .ownDateClosedAlone: "照常计费；此类日期的日记录只关闭该日期本身，不关闭更早的日期"
    case .skippedSecondsUnobserved: "时钟跳过的秒数视为未观测，按许可证的缺口规则处理；被重复命名的一秒取其中最大计数"
    case .ownChainBilled: "按其自身的记录链对上报内容计费，与占用其位置者并行；被接替当日取两者中较大者"
    case .waitsForRecords: "缺失的记录补齐之前，其后的内容不保存也不计费；未收到日记录的日期由网关关闭"
    case .gapRule:
      "按 carry 规则，该日期取其已观测峰值与最近 7 个观测良好的更早日期的最高峰值中的较大者；按 observed 规则取其已观测峰值"
    case .closedByGateway:
      "未收到日记录的日期在结束 72 小时后（每日上报为 7 天后）由网关关闭：最新样本所示内容有效，其余视为缺口，按许可证的缺口规则处理"
    case .wholePeakBilled: "按实际计数计费：整个峰值，包括超出上限的部分"
    }
  }
}

extension LedgerFinding.Code {
  /// What it does to the bill.
  package var effect: FindingEffect {
    switch self {
    case .quarantined, .dateClosed, .revisionMismatch: .notBilled
    case .forked: .firstHistoryBilled
    case .licenseUnknown: .pricedByKnownLicense
    case .zoneDisagrees: .ownBoundsBilled
    case .peakLowered: .largerBilled
    case .timeWentBack, .foreignRoot: .billedAsOthers
    case .clockAhead: .ownDateClosedAlone
    case .clockSuspect: .skippedSecondsUnobserved
    case .replacedReports, .releasedReports: .ownChainBilled
    case .chainGap: .waitsForRecords
    case .coverage: .gapRule
    case .silent: .closedByGateway
    case .overLimit: .wholePeakBilled
    }
  }
}
