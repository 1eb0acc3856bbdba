// What erasing a customer does later, in the services that hold personal data (SYS-09). The payload is
// the id after the colon, but for kEraseWords. Set again, a task of one id is one task.
#pragma once

namespace makegood::rules {

// Orders: asks for each of the customer's orders. "erase-customer:<customer_id>"
inline constexpr char kEraseCustomer[] = "erase-customer";
// Orders: erases one order in all services, or finds that it must wait. "erase-order:<order_id>"
inline constexpr char kEraseOrder[] = "erase-order";
// Claims: removes a file that no claim refers to any more. "remove-evidence:<evidence_id>"
inline constexpr char kRemoveEvidence[] = "remove-evidence";
// Notifications: goes through a thread and its e-mails. "erase-words:<order_id>"; notifications.v1.EraseWords
inline constexpr char kEraseWords[] = "erase-words";
// Whoever erased something in its records: store::Store::Scrub. "scrub-store"
inline constexpr char kScrubStore[] = "scrub-store";

}  // namespace makegood::rules
