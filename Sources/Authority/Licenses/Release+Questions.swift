internal import CivilTime
internal import Licensing
internal import Sealing

/// Bounds of a release's dates that are not asked about; the bound itself is not.
enum UsualRelease {
  /// Days from the day of issuing to the day on which it comes out; past ``Release/mostDaysAhead`` there
  /// is no draft.
  static let daysAhead: Int64 = 7
  /// Days from the day on which it came out, or that its coverage is judged by, to the day of issuing.
  static let daysBack: Int64 = 31
}

extension Authority {
  /// What is to be confirmed before a release is signed: nothing takes it back.
  func questions(about release: Release) throws(AuthorityError) -> [IssuingQuestion] {
    let signed = try registry.releases().map(\.release)
    let own = signed.filter { $0.product.isSameBytes(as: release.product) }
    var questions: [IssuingQuestion] = []
    if own.isEmpty,
      let question = try productQuestion(
        about: release.product, a: "release", registry.newestClaims())
    {
      questions.append(question)
    }
    let same = own.filter { $0.version.isSameBytes(as: release.version) }
    if !same.isEmpty {
      let names = same.map { $0.commit.map { "of commit \($0)" } ?? "without a commit" }
      questions.append(
        IssuingQuestion(
          .releaseSignedAnew, "commit",
          "\(release.version) has a document already, \(names.listed(3)); this one is "
            + (release.commit.map { "of commit \($0)" } ?? "without a commit")
            + ": a platform that does not name its commit takes either, and nothing takes one back")
      )
    }
    let newest = own.max { $0.released < $1.released }
    return questions + Self.dateQuestions(release, after: newest)
  }

  private static func dateQuestions(
    _ release: Release, after newest: Release?
  ) -> [IssuingQuestion] {
    var questions: [IssuingQuestion] = []
    let days = release.daysAhead
    let through = release.communityThrough
    if days > UsualRelease.daysAhead {
      questions.append(
        IssuingQuestion(
          .releaseAhead, "released",
          "the release is of \(release.released), \(days) days from now; the community edition may "
            + "use it through \(through), and nothing takes a release back"))
    }
    if let past = past(release.released, days, newest) {
      questions.append(
        IssuingQuestion(
          .releaseBackdated, "released",
          "the release is of \(past): perpetual licenses whose maintenance lasted until then get it "
            + "for ever, and the community edition may use it through \(through)"
            + (through < today(release) ? ", which is over" : "") + "; nothing takes a release back"
        ))
    }
    if let covered = release.coveredAsOf,
      let past = past(covered, today(release).days(until: covered), newest)
    {
      questions.append(
        IssuingQuestion(
          .coverageBackdated, "covered_as_of",
          "it counts as of \(past): every license that ended since, and perpetual ones whose "
            + "maintenance did, get it as well, and nothing takes a release back"))
    }
    return questions
  }

  private static func today(_ release: Release) -> CivilDate { Zone.utc.date(at: release.iat) }

  /// A date in words, with what is unusual about it; nil where nothing is.
  /// - Parameter days: from today to the date.
  private static func past(_ date: CivilDate, _ days: Int64, _ newest: Release?) -> String? {
    var words: [String] = []
    if -days > UsualRelease.daysBack { words.append("\(-days) days ago") }
    if let newest, date < newest.released {
      words.append("before \(newest.version), the newest, which is of \(newest.released)")
    }
    return words.isEmpty ? nil : "\(date), \(words.joined(separator: " and "))"
  }
}
