#include "tools/makegoodctl/command_line/method_command.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rules/scope.h"
#include "makegood/orders/v1/work_service.pb.h"
#include "tools/makegoodctl/client/call.h"
#include "tools/makegoodctl/command_line/contract.h"
#include "tools/makegoodctl/command_line/short_ids.h"
#include "tools/makegoodctl/command_line/show.h"

namespace makegood::ctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::Reflection;

constexpr int kPageOfAll = 1000;  // the most it gives at once

int64_t PageSizeOf(const Message& request) {
  const FieldDescriptor* const field = request.GetDescriptor()->FindFieldByName("page_size");
  return field == nullptr ? 0 : request.GetReflection()->GetInt32(request, field);
}

std::string StringField(const Message& message, const char* name) {
  const FieldDescriptor* const field = message.GetDescriptor()->FindFieldByName(name);
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

// Where a list goes on after `reply`: its token, empty at the end. A history has no end but for now, and says
// whether that is reached: of a page its reader may see a part alone, so that the rows tell nothing.
std::string NextToken(const Message& reply) {
  if (std::string next = StringField(reply, "next_page_token"); !next.empty()) return next;
  const FieldDescriptor* const more = reply.GetDescriptor()->FindFieldByName("more");
  if (more == nullptr || !reply.GetReflection()->GetBool(reply, more)) return "";
  return StringField(reply, "resume_token");
}

const FieldDescriptor* TokenField(const Message& request) {
  const FieldDescriptor* const page = request.GetDescriptor()->FindFieldByName("page_token");
  return page != nullptr ? page : request.GetDescriptor()->FindFieldByName("resume_token");
}

// Where rows appear on the terminal as they come, they tell that something is going on.
Terminal ProgressOf(const Session& session, bool rows) {
  Terminal terminal = session.terminal();
  if (rows && terminal.person_reads && session.output() != Output::kTable) terminal.person_watches = false;
  return terminal;
}

// Of a command about many, whether all were accepted.
ExitCode CodeOf(const Message& reply) {
  const auto* const verdicts = dynamic_cast<const orders::v1::WorkVerdicts*>(&reply);
  if (verdicts == nullptr) return kDone;
  const auto accepted =
      std::count_if(verdicts->verdicts().begin(), verdicts->verdicts().end(),
                    [](const orders::v1::WorkVerdict& verdict) { return verdict.accepted(); });
  if (accepted == verdicts->verdicts_size()) return kDone;
  return accepted == 0 ? kRefused : kDoneInPart;
}

// All that is wrong, told at once; with the customer's word, which depends on who asks.
absl::Status CheckFor(const base::v1::Actor& actor, const Message& request) {
  std::vector<FieldViolation> wrong = FieldViolationsOf(RequestForm::Check(request));
  if (request.GetDescriptor()->FindFieldByName("customer_word") != nullptr) {
    const absl::Status word = rules::CheckCustomerWord(actor, StringField(request, "customer_word"));
    for (FieldViolation& violation : FieldViolationsOf(word)) wrong.push_back(std::move(violation));
  }
  return wrong.empty() ? absl::OkStatus() : InvalidFields(wrong);
}

class MethodCommand {
 public:
  MethodCommand(const Command& command, CLI::App& app)
      : command_(command),
        method_(MethodNamed(command.service, command.method)),
        form_(*method_.input_type(), command.positionals, {}, app) {}

  int Run(Session& session) const {
    absl::StatusOr<std::unique_ptr<Message>> request = form_.Fill(session.moment());
    if (!request.ok()) return session.Fail(request.status(), {&form_});
    const auto actor = session.actor();
    if (!actor.ok()) return session.Fail(actor.status());
    const absl::Status checked = CheckFor(*actor, **request);
    if (!checked.ok()) return session.Fail(checked, {&form_});
    if (!form_.is_command()) FillInOwn(*actor, **request);
    if (command_.preset != nullptr) command_.preset(*actor, **request);
    const absl::Status whole =
        command_.rows.empty() ? CompleteIds(session, *actor, form_, **request) : absl::OkStatus();
    if (!whole.ok()) return session.Fail(whole, {&form_});
    Progress progress(ProgressOf(session, !command_.rows.empty()), command_.path);
    const absl::StatusOr<ExitCode> code = command_.rows.empty()
                                              ? CallAndShow(session, *actor, **request, progress)
                                              : List(session, *actor, **request, progress);
    progress.Clear();
    return code.ok() ? *code : session.Fail(code.status(), {&form_, &method_, request->get()});
  }

 private:
  absl::StatusOr<ExitCode> CallAndShow(Session& session, const base::v1::Actor& actor, const Message& request,
                                       Progress& progress) const {
    ASSIGN_OR_RETURN(const auto reply,
                     CallMethod(session.client(), actor, method_, request, session.timeout(), progress));
    progress.Clear();
    TellDryRun(session, request);
    // A list that is shown whole.
    if (absl::StartsWith(method_.name(), "List") && reply->ByteSizeLong() == 0) TellNothingFound(session);
    ShowOutcome(session, form_, request, *reply);
    const FieldDescriptor* const token = TokenField(request);
    const std::string next = token == nullptr ? "" : NextToken(*reply);
    if (!next.empty()) TellHowToGoOn(session, *token, next);
    return CodeOf(*reply);
  }

  absl::StatusOr<ExitCode> List(Session& session, const base::v1::Actor& actor, Message& request,
                                Progress& progress) const {
    const FieldDescriptor* const token = TokenField(request);
    if (form_.all_pages() && PageSizeOf(request) == 0) {
      request.GetReflection()->SetInt32(&request, request.GetDescriptor()->FindFieldByName("page_size"),
                                        kPageOfAll);
    }
    const FieldDescriptor& field = *method_.output_type()->FindFieldByName(command_.rows);
    Rows rows(session, *field.message_type());
    std::string next;
    int64_t shown = 0;
    do {
      ASSIGN_OR_RETURN(const auto page,
                       CallMethod(session.client(), actor, method_, request, session.timeout(), progress));
      const Reflection& reflection = *page->GetReflection();
      const int count = reflection.FieldSize(*page, &field);
      for (int i = 0; i < count; ++i) rows.Add(reflection.GetRepeatedMessage(*page, &field, i));
      shown += count;
      progress.Say(absl::StrCat(command_.path, ", ", shown, " so far"));
      progress.Show();
      if (!FlushOutput().ok()) return kDone;  // that is told when the command ends
      next = token == nullptr ? "" : NextToken(*page);
      if (!next.empty()) request.GetReflection()->SetString(&request, token, next);
    } while (form_.all_pages() && !next.empty());
    progress.Clear();
    rows.Finish(form_.narrowed_by());
    if (!next.empty()) TellHowToGoOn(session, *token, next);
    return kDone;
  }

  void TellHowToGoOn(const Session& session, const FieldDescriptor& token, const std::string& next) const {
    if (form_.told_from_now()) {
      // A page's token goes with the times it was asked for with.
      std::fputs(
          "There may be more: --all, or ask with a time that stays, like 2026-10-15, to go on by pages\n",
          stderr);
      return;
    }
    const std::string option = token.name() == "page_token" ? "--page-token" : "--resume-token";
    std::fprintf(stderr, "There may be more: --all, or %s\n", session.CommandLine({option, next}).c_str());
  }

  const Command& command_;
  const MethodDescriptor& method_;
  const RequestForm form_;
};

}  // namespace

void FillInOwn(const base::v1::Actor& actor, Message& request) {
  const bool customer = actor.role() == base::v1::ROLE_CUSTOMER;
  const FieldDescriptor* const own =
      request.GetDescriptor()->FindFieldByName(customer ? "customer_id" : "merchant_id");
  if (own == nullptr || !request.GetReflection()->GetString(request, own).empty()) return;
  const bool store =
      actor.role() == base::v1::ROLE_STORE_EMPLOYEE || actor.role() == base::v1::ROLE_STORE_MANAGER ||
      actor.role() == base::v1::ROLE_STORE_DIRECTOR || actor.role() == base::v1::ROLE_CONNECTOR;
  if (customer) request.GetReflection()->SetString(&request, own, actor.actor_id());
  if (store) request.GetReflection()->SetString(&request, own, actor.store_id());
}

Action MakeMethodCommand(const Command& command, CLI::App& app) {
  const auto method_command = std::make_shared<MethodCommand>(command, app);
  return [method_command](Session& session) { return method_command->Run(session); };
}

}  // namespace makegood::ctl
