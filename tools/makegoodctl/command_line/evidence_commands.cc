// claims evidence upload, claims evidence download.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status.h"
#include "tools/makegoodctl/client/evidence.h"
#include "tools/makegoodctl/client/files.h"
#include "tools/makegoodctl/command_line/contract.h"
#include "tools/makegoodctl/command_line/short_ids.h"
#include "tools/makegoodctl/command_line/show.h"
#include "tools/makegoodctl/command_line/stream_commands.h"

namespace makegood::ctl {
namespace {

using claims::v1::Claim;
using claims::v1::DownloadEvidenceRequest;
using claims::v1::EvidenceHeader;

// The header of one file of several: each is a command of its own.
EvidenceHeader HeaderOfFile(const EvidenceHeader& header, size_t index, size_t files) {
  EvidenceHeader own = header;
  if (files > 1) {
    own.mutable_command()->set_request_id(absl::StrCat(header.command().request_id(), "-", index + 1));
  }
  return own;
}

class Upload {
 public:
  Upload(const Command& command, CLI::App& app)
      : method_(MethodNamed(command.service, command.method)),
        form_(*EvidenceHeader::descriptor(), command.positionals, {"size_bytes", "sha256"}, app) {
    app.add_option("file", files_,
                   "Photos or videos, - for standard input; their content decides the type, not their name")
        ->required()
        ->type_name("FILE");
  }

  int Run(Session& session) const {
    const auto filled = form_.Fill();
    if (!filled.ok()) return session.Fail(filled.status(), {&form_});
    auto& header = static_cast<EvidenceHeader&>(**filled);
    const absl::Status checked = Check(header);
    if (!checked.ok()) return session.Fail(checked, {&form_});
    const auto actor = session.actor();
    if (!actor.ok()) return session.Fail(actor.status());
    if (const absl::Status whole = CompleteIds(session, *actor, form_, header); !whole.ok()) {
      return session.Fail(whole, {&form_});
    }
    std::optional<Claim> seen;  // as it was after the last that was taken
    std::vector<std::string> left;
    int code = kDone;
    for (size_t i = 0; i < files_.size(); ++i) {
      Progress progress(session.terminal(), files_[i]);
      auto claim = UploadEvidence(session.client(), *actor, HeaderOfFile(header, i, files_.size()), files_[i],
                                  [&progress](int64_t done, int64_t total) { progress.Show(done, total); });
      if (claim.ok()) {
        seen = *std::move(claim);
        continue;
      }
      progress.Clear();
      code = session.Fail(claim.status(), {&form_, &method_, &header});
      // What is wrong with one file harms no other; what is not, would be wrong with all.
      const auto at = files_.begin() + static_cast<ptrdiff_t>(i);
      const auto end = IsAboutFile(claim.status()) ? at + 1 : files_.end();
      left.insert(left.end(), at, end);
      if (end == files_.end()) break;
    }
    if (seen.has_value()) {
      TellDryRun(session, header);
      ShowOutcome(session, form_, header, *seen);
    }
    if (left.empty() || files_.size() == 1) return code;
    std::fprintf(stderr, "  Sent: %zu of %zu files. Not sent: %s\n", files_.size() - left.size(),
                 files_.size(), absl::StrJoin(left, " ").c_str());
    return seen.has_value() ? kDoneInPart : code;
  }

 private:
  // The size is filled in from the file.
  static absl::Status Check(EvidenceHeader header) {
    header.set_size_bytes(1);
    return RequestForm::Check(header);
  }

  static bool IsAboutFile(const absl::Status& status) {
    return !IsAmbiguous(status) && !absl::IsPermissionDenied(status) && !absl::IsUnauthenticated(status);
  }

  const google::protobuf::MethodDescriptor& method_;
  const RequestForm form_;
  std::vector<std::string> files_;
};

class Download {
 public:
  Download(const Command& command, CLI::App& app)
      : method_(MethodNamed(command.service, command.method)),
        form_(*DownloadEvidenceRequest::descriptor(), command.positionals, {}, app) {
    app.add_option("-o,--to", to_, "The file to write; standard output where none is named")
        ->type_name("FILE");
  }

  int Run(Session& session) const {
    const auto filled = form_.Fill();
    if (!filled.ok()) return session.Fail(filled.status(), {&form_});
    auto& request = static_cast<DownloadEvidenceRequest&>(**filled);
    if (const absl::Status checked = RequestForm::Check(request); !checked.ok()) {
      return session.Fail(checked, {&form_});
    }
    if (to_.empty() && session.terminal().person_reads) {
      return session.Fail(InvalidFields({{"--to", "is missing: a terminal does not show pictures"}}),
                          {&form_});
    }
    const auto actor = session.actor();
    if (!actor.ok()) return session.Fail(actor.status());
    if (const absl::Status whole = CompleteIds(session, *actor, form_, request); !whole.ok()) {
      return session.Fail(whole, {&form_});
    }
    const absl::Status done = Fetch(session, *actor, request);
    return done.ok() ? kDone : session.Fail(done, {&form_, &method_, &request});
  }

 private:
  absl::Status Fetch(Session& session, const base::v1::Actor& actor,
                     const DownloadEvidenceRequest& request) const {
    Progress progress(session.terminal(), request.evidence_id());
    ASSIGN_OR_RETURN(
        const std::string bytes,
        DownloadEvidence(session.client(), actor, request.claim_id(), request.evidence_id(),
                         [&progress](int64_t done, int64_t total) { progress.Show(done, total); }));
    if (!to_.empty()) return WriteFile(to_, bytes);
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);
    return absl::OkStatus();
  }

  const google::protobuf::MethodDescriptor& method_;
  const RequestForm form_;
  std::string to_;
};

template <typename Transfer>
Action ActionOf(const Command& command, CLI::App& app) {
  const auto transfer = std::make_shared<Transfer>(command, app);
  return [transfer](Session& session) { return transfer->Run(session); };
}

}  // namespace

Action MakeEvidenceUpload(const Command& command, CLI::App& app) { return ActionOf<Upload>(command, app); }
Action MakeEvidenceDownload(const Command& command, CLI::App& app) {
  return ActionOf<Download>(command, app);
}

}  // namespace makegood::ctl
