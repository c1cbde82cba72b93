"use strict";
(function () {
  // A4 lying on its side less its margins, at 96 pixels an inch
  var PAPER = {width: 1000, height: 660};
  var SETTINGS = {displaylogo: false, responsive: true, displayModeBar: "hover"};
  var places = Array.prototype.slice.call(document.querySelectorAll(".chart"));
  // drawn anew in place of a new layout: a Sankey diagram would glide to it and be printed half way
  function draw(paper) {
    places.forEach(function (place) {
      var figure = JSON.parse(document.getElementById(place.dataset.figure).textContent);
      Plotly.purge(place);
      place.textContent = "";
      // a figure that is too high is made smaller as a whole: squeezed, its names would lie upon each other
      var zoom = paper ? Math.min(1, paper.height / figure.layout.height) : 1;
      place.style.zoom = zoom;
      if (paper) {
        figure.layout.width = Math.floor(paper.width / zoom);
      } else {
        figure.layout.autosize = true;
      }
      place.style.height = figure.layout.height + "px";
      Plotly.newPlot(place, figure.data, figure.layout, SETTINGS);
    });
  }
  draw(null);
  window.addEventListener("beforeprint", function () { draw(PAPER); });
  window.addEventListener("afterprint", function () { draw(null); });
})();
