// Brings the marked words into view. A text fragment in the address leads to the same place.
document.getElementById("quote")?.scrollIntoView({ block: "center" });
