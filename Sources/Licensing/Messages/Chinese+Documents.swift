package import Sealing

extension Chinese {
  /// A document that does not verify.
  static func refused(_ code: Refusal.Code, _ facts: Facts) -> String {
    let reason = facts[.reason].map { _ in facts.text(.reason) } ?? ""
    let text = quoting(reason, after: "\(facts.text(.document))：\(code.chinese)")
    guard facts[.license] != nil else { return text }
    return text + "；许可证 \(facts.text(.license)) 在此可以验证：请用它的文件替换本文件"
  }

  static func keysetStale(_ facts: Facts) -> String {
    "密钥集 \(facts.text(.epoch)) 签发于 \(facts.instant(.issued) ?? "?")，已有 "
      + "\(facts.text(.days)) 天，可能缺少新的吊销信息；请让本安装向网关上报，"
      + "或换用最新的许可证文件或发布文件，两者都附有密钥集"
  }

  static func releaseUnknown(_ facts: Facts) -> String {
    switch facts.text(.missing) {
    case "release":
      "缺少 \(facts.text(.running)) 的发布文件；请用 --release 指定安装包中的发布文件"
    case "running":
      "已有版本 \(facts.text(.release)) 的发布文件，但平台没有说明正在运行的版本；"
        + "请用 --running VERSION[@COMMIT] 指定"
    default:
      "不知道正在运行的版本；请用 --release 指定发布文件，并用 --running VERSION[@COMMIT] "
        + "给出平台程序自身的版本"
    }
  }

  static func releaseMismatch(_ facts: Facts) -> String {
    let commit = facts[.releaseCommit].map { _ in "@\(facts.text(.releaseCommit))" } ?? ""
    return "正在运行的是 \(facts.text(.running))，而发布文件属于 "
      + "\(facts.text(.release))\(commit)；请使用与所运行版本一起提供的发布文件"
  }

  static func releaseNotCovered(_ facts: Facts) -> String {
    let counted =
      facts[.coveredAsOf].map { _ in "（按 \(facts.text(.coveredAsOf)) 计）" } ?? ""
    let basis = facts.text(.basis) == "maintenance" ? "维保" : "许可期限"
    let newest =
      facts[.newestCovered].map { _ in "；可用的最新版本是 \(facts.text(.newestCovered))" } ?? ""
    let stay = facts[.newestCovered] == nil ? "退回此前发布的版本" : "继续使用该版本"
    return "版本 \(facts.text(.release)) 发布于 \(facts.text(.released))\(counted)，而\(basis)已于 "
      + "\(facts.text(.through)) 结束，不涵盖此版本\(newest)；请续订\(basis)，或\(stay)"
  }

  static func releaseExpired(_ facts: Facts) -> String {
    "社区版可使用一个版本 \(Edition.communityDays) 天：版本 \(facts.text(.release)) 发布于 "
      + "\(facts.text(.released))，可用至 \(facts.text(.through))\(ago(facts))，结束于 "
      + "\(facts.instant(.ended) ?? "?")；请升级到较新的版本"
  }

  static func maintenanceEnded(_ facts: Facts) -> String {
    "\(license(facts))的维保已于 \(facts.text(.through)) 结束\(ago(facts))，结束时刻 "
      + "\(facts.instant(.ended) ?? "?")；已安装的版本可以永久使用，此后发布的版本需要续订维保"
  }
}

extension Refusal.Code {
  /// What it means that a document was refused, and what to do, in Chinese.
  package var chinese: String {
    switch self {
    case .damaged: "文件在传输或保存中被改动、已不完整；请从邮件或门户重新取得原文件"
    case .malformed: "文件格式不符合要求；请使用供应商发来的原文件，不要编辑或转存"
    case .unsupportedVersion: "文件的格式版本比本程序新；请升级程序，或请供应商按旧版本签发"
    case .wrongKind: "此处需要的是另一种文件；请指定正确的文件"
    case .unknownKey:
      "签名密钥不在现有的密钥集中；请重新取得许可证文件（其中附有密钥集），并确认所用程序由供应商构建"
    case .keyNotAllowed: "签名密钥无权签署这份文件；请联系供应商，改用正确的密钥签发"
    case .keyRevoked: "签名密钥已被吊销，由它签署的文件全部无效；请向供应商索取重新签发的文件"
    case .keysetTooOld:
      "文件要求更新的密钥集；请重新取得许可证文件或发布文件，其中附有新的密钥集"
    case .signatureInvalid: "签名验证不通过，文件可能被篡改或伪造；请使用供应商发来的原文件"
    }
  }
}
