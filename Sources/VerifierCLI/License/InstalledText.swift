internal import Licensing
internal import Sealing
internal import Terminal

/// What was installed, for people.
enum InstalledText {
  /// One line of what an answer lists as installed. The installation knows it in English: Chinese
  /// quotes that.
  static func text(_ item: JSONValue) -> String {
    let what = item.string ?? ""
    return Language.spoken.say("installed \(what)", Language.chinese.explained("已安装", what))
  }
}
