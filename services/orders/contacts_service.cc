#include "services/orders/contacts_service.h"

#include "common/rules/orders/order_rules.h"

namespace makegood::services {

using base::v1::Actor;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

ServerUnaryReactor* ContactsService::GetContact(CallbackServerContext* context,
                                                const orders::v1::GetContactRequest* request,
                                                orders::v1::Contact* reply) {
  return rpc::ReadByKey(environment_, context, request, reply,
                        [this](const auto& wanted, const Actor& actor, store::Reader& reader) {
                          return reads_.GetContact(wanted, actor, reader);
                        });
}

ServerUnaryReactor* ContactsService::UpdateContact(CallbackServerContext* context,
                                                   const orders::v1::UpdateContactRequest* request,
                                                   orders::v1::UpdateContactResponse* reply) {
  return rpc::Command(environment_, context, request, reply, request->contact_id(), rules::UpdateContact);
}

}  // namespace makegood::services
