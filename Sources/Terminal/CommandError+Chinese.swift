internal import Licensing
internal import Sealing

extension CommandError {
  /// What happened and what to do, in Chinese: that of the refused document where there is one.
  package var chinese: String {
    refusal.map { "文件未通过验证：\($0.code.chinese)" } ?? meaning ?? status.chinese
  }
}

extension ExitStatus {
  /// What it means that a command ended so, and what to do, in Chinese.
  package var chinese: String {
    switch self {
    case .success: "已完成"
    case .refused: "结果是否定的；请按说明处理"
    case .fault: "未能完成；请排除说明中的障碍后重试"
    case .usage: "命令用法有误，未执行任何操作；请更正后重试"
    }
  }
}
