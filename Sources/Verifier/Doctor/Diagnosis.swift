package import Licensing
package import Sealing

/// One thing that `doctor` has looked at.
package struct Diagnosis: Sendable, Equatable {
  /// What is looked at, in this order.
  package enum Subject: String, Sendable, CaseIterable {
    case folder
    case secrets
    case disk
    case serve
    case clock
    case zone
    case license
    case activation
    case gateway
    case lease
    case reports
    case standing

    package var label: BilingualText {
      switch self {
      case .folder: BilingualText("state folder", "状态目录")
      case .secrets: BilingualText("keys", "密钥")
      case .disk: BilingualText("disk", "磁盘")
      case .serve: BilingualText("serve", "守护进程")
      case .clock: BilingualText("clock", "时钟")
      case .zone: BilingualText("time zone", "时区")
      case .license: BilingualText("license", "许可证")
      case .activation: BilingualText("activation", "激活")
      case .gateway: BilingualText("gateway", "网关")
      case .lease: BilingualText("lease", "租期")
      case .reports: BilingualText("reports", "上报")
      case .standing: BilingualText("standing", "状态文件")
      }
    }
  }

  package enum State: String, Sendable, CaseIterable {
    case ok
    case warn
    case fail
    /// It could not be told.
    case unknown
  }

  package let subject: Subject
  package let state: State
  package let what: BilingualText
  /// What to do; nil where nothing is to be done.
  package let cure: BilingualText?

  /// Nothing is wrong.
  package init(_ subject: Subject, ok what: BilingualText) {
    self.init(subject, .ok, what, cure: nil)
  }

  package init(_ subject: Subject, _ state: State, _ what: BilingualText, cure: BilingualText?) {
    self.subject = subject
    self.state = state
    self.what = what
    self.cure = cure
  }

  package var json: JSONValue {
    var members = [
      JSONMember("check", .string(subject.rawValue)), JSONMember("state", .string(state.rawValue)),
      JSONMember("what", .string(what.english)),
    ]
    if let cure { members.append(JSONMember("cure", .string(cure.english))) }
    return .object(members)
  }
}
