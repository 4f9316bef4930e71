internal import Licensing
internal import Reporting
internal import Sealing

extension VerifierError {
  /// What happened and what to do, in Chinese: that of the refused document or of the problem that was
  /// answered, where there is one.
  package var chinese: String {
    if let refusal { return "文件未通过验证：\(refusal.code.chinese)" }
    guard let problem else { return code.chinese }
    return code == .gatewayRefused
      ? "网关拒绝了请求：\(problem.code.chinese)" : problem.code.chinese
  }
}

extension VerifierError.Code {
  /// What the code means and what to do, in Chinese.
  package var chinese: String {
    switch self {
    case .stateUnusable: "状态目录无法读取或写入；请检查 --state 所指的目录、属主、权限和挂载"
    case .stateLocked: "另一个进程正在使用状态目录；请停止它，或等它结束"
    case .keyUnusable: "状态目录中的密钥缺失、损坏或权限过宽；请从备份恢复状态目录，或执行 chmod 600"
    case .ledgerUnusable: "用量账本缺失、损坏或不属于本安装；请从备份恢复状态目录，不要删除任何文件"
    case .storeFull: "磁盘已满，计数暂时在内存中继续；请腾出空间"
    case .commitUnknown: "无法确定最近一次写入是否已落盘；请先检查磁盘，再重新启动"
    case .documentRefused: "文件未通过验证；请使用供应商发来的原文件"
    case .noLicense: "没有安装许可证；请先运行 tally-verifier license install FILE"
    case .noGateway: "许可证没有指定可用的网关；请用 --gateway 指定，或请供应商签发带网关地址的许可证"
    case .gatewayUnreachable: "连不上网关；请检查网络、代理和防火墙，之后会自动重试"
    case .gatewayAnswerUnusable: "网关的答复无法读取或不可信；请确认网关地址，并把此信息发给供应商"
    case .gatewayRefused: "网关拒绝了请求；请按说明处理"
    case .addressInUse: "监听地址已被其他程序占用；请停止该程序，或用 --listen 换一个地址"
    case .addressUnusable: "无法监听该地址；请用 --listen 指定本机地址和 1023 以上的端口"
    case .clockUnreadable: "读不到系统时钟；请检查本机时钟"
    case .zoneUnknown: "本机没有许可证所用的时区；请安装 tzdata 软件包"
    case .cryptographyFailed: "密码库 OpenSSL 出错；请检查本机的内存和 OpenSSL 安装后重试"
    case .notServing: "tally-verifier serve 没有在运行，或正在结束；请等它运行后重试"
    case .requestRefused: "请求不能照办；请按说明更正后重试"
    case .evidenceNotKept: "该日期的证据已不再保存，无法说明或证明；用量记录本身仍然有效"
    case .evidenceDiffers: "保存的证据与该日期的记录不符；请运行 tally-verifier usage verify，并从备份恢复"
    case .answerMisplaced: "这份答复属于另一个安装；请使用网关为本安装的数据包生成的答复"
    case .samplesDropped: "所要求的采样记录已按保存期限删除原文；请供应商从较新的备份恢复网关"
    }
  }
}
