#include "services/orders/work_service.h"

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rules/work/work_rules.h"

namespace makegood::services {

using base::v1::Actor;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;
using orders::v1::Work;
using orders::v1::WorkVerdict;
using orders::v1::WorkVerdicts;

namespace {

template <typename Request>
absl::Status CheckIds(const Request& request) {
  std::vector<FieldViolation> violations;
  std::set<std::string> seen;
  for (int i = 0; i < request.work_ids_size(); ++i) {
    if (seen.insert(request.work_ids(i)).second) continue;
    violations.push_back({absl::StrCat("work_ids[", i, "]"), "is named twice"});
  }
  if (request.command().has_expected_version() && request.work_ids_size() > 1) {
    violations.push_back({"command.expected_version", "goes with one piece alone"});
  }
  return violations.empty() ? absl::OkStatus() : InvalidFields(violations);
}

// The command about each piece alone.
template <typename Request>
absl::StatusOr<std::vector<rpc::OneOfMany>> Split(const Request& request,
                                                  absl::StatusOr<Work> (*decide)(const Request&,
                                                                                 rules::Transaction&)) {
  RETURN_IF_ERROR(CheckIds(request));
  std::vector<rpc::OneOfMany> pieces;
  for (const std::string& work_id : request.work_ids()) {
    auto about_one = std::make_unique<Request>(request);
    about_one->clear_work_ids();
    about_one->add_work_ids(work_id);
    const Request& one = *about_one;
    pieces.push_back({work_id, std::move(about_one),
                      [&one, decide](rules::Transaction& tx) -> absl::StatusOr<std::string> {
                        ASSIGN_OR_RETURN(const Work work, decide(one, tx));
                        return work.SerializeAsString();
                      }});
  }
  return pieces;
}

void SetVerdict(const absl::StatusOr<std::string>& result, WorkVerdict& verdict) {
  verdict.set_accepted(result.ok() && verdict.mutable_work()->ParseFromString(*result));
  if (result.ok()) return;
  verdict.set_rule_id(RuleOf(result.status()));
  verdict.set_reason(rpc::ToGrpc(result.status()).error_message());  // without what does not leave the server
  verdict.set_retryable(FailureOf(result.status()) == Failure::kOfTheWay);
}

template <typename Request>
ServerUnaryReactor* ForEach(const rpc::Environment& environment, CallbackServerContext* context,
                            const Request* request, WorkVerdicts* reply,
                            absl::StatusOr<Work> (*decide)(const Request&, rules::Transaction&)) {
  return rpc::CommandEach(
      environment, context, *request, request->command(),
      [request, decide] { return Split(*request, decide); },
      [request, reply](const std::vector<absl::StatusOr<std::string>>& results) {
        for (int i = 0; i < request->work_ids_size(); ++i) {
          WorkVerdict& verdict = *reply->add_verdicts();
          verdict.set_work_id(request->work_ids(i));
          SetVerdict(results[static_cast<size_t>(i)], verdict);
        }
      },
      *reply);
}

}  // namespace

WorkService::WorkService(const rpc::Environment& environment)
    : environment_(environment),
      reads_(environment),
      streams_(
          environment, std::string(rules::RecordTraits<Work>::kKind),
          [this](const auto& request, const Actor& actor, store::Reader& reader, const std::string& token) {
            return reads_.ReadPage(request, actor, reader, token);
          },
          [this](const auto& request, const Actor& actor, store::Reader& reader, const std::string& id) {
            return reads_.ReadOne(request, actor, reader, id);
          }) {}

ServerUnaryReactor* WorkService::ListWork(CallbackServerContext* context,
                                          const orders::v1::ListWorkRequest* request,
                                          orders::v1::ListWorkResponse* reply) {
  return rpc::Read(environment_, context, request, reply,
                   [this](const auto& wanted, const Actor& actor, store::Reader& reader) {
                     return reads_.ListWork(wanted, actor, reader);
                   });
}

ServerUnaryReactor* WorkService::GetWork(CallbackServerContext* context,
                                         const orders::v1::GetWorkRequest* request, Work* reply) {
  return rpc::ReadByKey(environment_, context, request, reply,
                        [this](const auto& wanted, const Actor& actor, store::Reader& reader) {
                          return reads_.GetWork(wanted, actor, reader);
                        });
}

grpc::ServerWriteReactor<Work>* WorkService::StreamWork(CallbackServerContext* context,
                                                        const orders::v1::StreamWorkRequest* request) {
  return streams_.Open(*context, *request);
}

ServerUnaryReactor* WorkService::TakeWork(CallbackServerContext* context,
                                          const orders::v1::TakeWorkRequest* request, WorkVerdicts* reply) {
  return ForEach(environment_, context, request, reply, rules::TakeWork);
}

ServerUnaryReactor* WorkService::GiveBackWork(CallbackServerContext* context,
                                              const orders::v1::GiveBackWorkRequest* request,
                                              WorkVerdicts* reply) {
  return ForEach(environment_, context, request, reply, rules::GiveBackWork);
}

ServerUnaryReactor* WorkService::AssignWork(CallbackServerContext* context,
                                            const orders::v1::AssignWorkRequest* request,
                                            WorkVerdicts* reply) {
  return ForEach(environment_, context, request, reply, rules::AssignWork);
}

ServerUnaryReactor* WorkService::PutOffWork(CallbackServerContext* context,
                                            const orders::v1::PutOffWorkRequest* request,
                                            WorkVerdicts* reply) {
  return ForEach(environment_, context, request, reply, rules::PutOffWork);
}

}  // namespace makegood::services
